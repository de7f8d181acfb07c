import { text } from "../transport/coerce.ts"

/** What `miner_state` means. `running`: it mines or is on its way there; `atRest`: a person stopped it. */
export type MinerState = { name: string | null; running: boolean; atRest: boolean; paused: boolean }

const RUNNING = new Set(["mining", "auto-tuning", "initializing", "starting", "restarting"])
const STOPPED = new Set(["stopped", "shutting-down"])

export function minerState(value: unknown): MinerState {
  const name = text(value, 32)?.toLowerCase() ?? null
  const paused = name === "paused"
  return {
    name,
    running: name !== null && RUNNING.has(name),
    atRest: paused || (name !== null && STOPPED.has(name)),
    paused,
  }
}
