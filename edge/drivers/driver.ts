import type { CommandAction } from "#server/contract/command-parameters.ts"
import type { CommandFeature } from "#server/contract/commands.ts"
import type { Fault, Outcome } from "#server/contract/driver-faults.ts"
import type { MinerConfiguration } from "#server/contract/edge.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import type { Row } from "./transport/reply.ts"
import type { RetryPolicy } from "./transport/retry.ts"

/**
 * Where a miner answers. Ports are the family's defaults unless a target says otherwise; `ports` tells where doors with
 * other numbers are that were moved (`4433` → …), as a simulated farm on one address has them.
 */
export type MinerAddress = {
  host: string
  rpcPort: number
  webPort: number
  ports?: Readonly<Record<number, number>>
}

/** A login of the miner's web interface or API. Never logged. */
export type Credentials = { username: string; password: string }

/** Limits that `overall_health` is judged by, °C; they come with the site's configuration. */
export type TempLimits = {
  chipWarningC: number
  chipCriticalC: number
  boardWarningC: number
  boardCriticalC: number
}

/**
 * What a driver may use. `signal` aborts every socket it opened; a driver keeps its own deadlines
 * (`server/contract/budgets.ts`) inside it. `credentials` null: the family's one default, tried once (`decisions.md` 29).
 */
export type DriverContext = {
  address: MinerAddress
  credentials: Credentials | null
  /** The login of a machine of this family, for who has to find the family first; absent: `credentials` whatever it is. */
  credentialsFor?: (family: string) => Credentials | null
  limits: TempLimits
  signal: AbortSignal
  /** How often reads may be repeated; absent: once, as a poll does. Writes are never repeated. */
  retry?: RetryPolicy
  /** Told when a reply could only be read after repairs, with their names (`transport/json-repairs.ts`). */
  repaired?: (command: string, repairs: readonly string[]) => void
  /** Told when the machine refused a login just now, with its user name: `username` "" where a login has none. */
  loginRefused?: (username: string) => void
  /** Told when the machine took a login, the assigned one or the family's default. */
  loginAccepted?: () => void
  /** Milliseconds of a clock that only has to run, for remembering refused logins; absent: the machine's. */
  now?: () => number
  /** Waits between looks at what a write became; rejects when aborted. Absent: the machine's own time. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Replies that finding the family already fetched, so that `identify` need not ask again. `page`: of `GET /`. */
export type Seen = { version: Row | null; devdetails: Row[] | null; page?: WebPage | null }

export type WebPage = { status: number; location: string; realm: string; body: string }

/** What a miner says it is. `confidence` is 1 when a family's own signature was seen, less when only shapes matched. */
export type Identity = {
  family: string
  make: string
  model: string | null
  firmware: string | null
  firmwareVersion: string | null
  /** Version of its API, where a family's units differ by it: `2.0.5`. */
  api?: string | null
  mac: string | null
  serial: string | null
  confidence: number
  /** What was seen, one short phrase a probe, for `probe` and the scanner. */
  evidence: string[]
}

/** A sample without what only the collector knows: the identity it was filed under, and the corrected clock. */
export type Reading = Omit<TelemetrySample, "miner_id" | "collected_at">

/** What this unit can do, from what it reports; a fault `unsupported` says why not, for a person. */
export type Capabilities = { can: (feature: CommandFeature) => Outcome<true> }

/** A command with all that it needs at hand. `{label}` and `{ip}` of worker names are filled in, `{worker}` is the driver's. */
export type DriverAction =
  | Exclude<CommandAction, { type: "BACKUP_CONFIG" | "RESTORE_CONFIG" | "UPDATE_FIRMWARE" }>
  | { type: "RESTORE_CONFIG"; settings: MinerSettings }
  | { type: "UPDATE_FIRMWARE"; file: FirmwareFile }

/** A verified firmware file on the collector's disk. */
export type FirmwareFile = {
  path: string
  fileName: string
  version: string
  sha256: string
  sizeBytes: number
}

/** A miner's whole configuration; `passwords` in the order of `config.pools`, which hold none. Never logged. */
export type MinerSettings = { config: MinerConfiguration; passwords: string[] }

/**
 * What an action did. `ran` is the action in the miner's own terms (`restart`, `reboot.cgi`, `blink.cgi on`);
 * `verified` is false when the miner accepted it but could not be read back.
 */
export type ActionReport = {
  ran: string
  message: string
  verified: boolean
  /** SET_LOGIN: the user name that the new password belongs to, as the machine knows it. */
  username?: string
  /** It was so already: nothing was written, and `ran` says what was read. Absent: false. */
  already?: boolean
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/**
 * One family of miners. Every function returns its faults as data and never throws for what a miner does.
 * Drivers hold no state of their own between calls except caches keyed by address (digest nonces, joined-command support).
 */
export type Driver = {
  family: string
  make: string
  /** The user of the factory's login, for a password that came without one; absent: a login here has no user. */
  factoryUser?: string
  /**
   * Reads only, a handful of short requests; tells MAC and serial where they are cheap to read. Logs in with the
   * assigned credentials or the family's one default, and not again for an hour after a refusal; a refused login
   * leaves MAC and serial null and is no fault.
   */
  identify: (context: DriverContext, seen?: Seen) => Promise<Outcome<Identity>>
  /** One full reading. A sleeping or starting machine is a reading with `mining: false`, not a fault. */
  read: (context: DriverContext, identity: Identity) => Promise<Outcome<Reading>>
  capabilities: (identity: Identity) => Capabilities
  /**
   * Runs one action once, without retrying a write, and verifies it by reading back where the family can.
   * `unsupported`: this unit cannot do it (the command is SKIPPED). `timeout` after the request was sent means
   * that nobody knows whether it ran: then `sent` is true and the caller reports an unknown outcome. A miner that
   * said no in so many words did not run it: `sent` is false.
   */
  act: (context: DriverContext, identity: Identity, action: DriverAction) => Promise<ActOutcome>
  /** Reads the whole configuration; absent: the family has none to read. `before` and `after` never hold passwords. */
  backup?: (context: DriverContext, identity: Identity) => Promise<Outcome<MinerSettings>>
  /**
   * Looks whether an interrupted action that may not be repeated took effect (RESTORE_CONFIG, UPDATE_FIRMWARE; a
   * reboot shows in the uptime): `null` when the machine does not tell. `before`: the identity before the act.
   */
  look?: (context: DriverContext, before: Identity, action: DriverAction) => Promise<Outcome<boolean | null>>
}

export type ActOutcome = { ok: true; value: ActionReport } | { ok: false; fault: Fault; sent: boolean }
