/** What `/events` sends to open pages: names of what changed, never the data itself; pages read again through their loaders. */
export type LiveEvent =
  | { kind: "telemetry"; siteId: number; deviceId: number; at: string }
  | {
      kind: "miners"
      siteId: number
      minerIds: number[]
      change: "offline" | "online" | "edited" | "added" | "thermal"
      at: string
    }
  | { kind: "command"; siteId: number; commandId: string; minerIds: number[]; at: string }
  | { kind: "approval"; siteId: number; at: string }
  | { kind: "collector"; siteId: number; deviceId: number; at: string }
  /** Scans, the inbox of found machines, or schedules of them. */
  | { kind: "discovery"; siteId: number; deviceId: number; at: string }
  | { kind: "site"; siteId: number; at: string }

/** NOTIFY channels. Payloads stay under PostgreSQL's 8,000 bytes. */
export const LIVE_CHANNEL = "lamproom_live"
/** Payload: the device id whose queue got commands. */
export const COMMANDS_CHANNEL = "lamproom_commands"
