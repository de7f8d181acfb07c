import type { Outcome } from "#server/contract/driver-faults.ts"
import type { MinerConfiguration } from "#server/contract/edge.ts"
import type { DriverContext } from "../driver.ts"
import type { PoolEntry } from "../pool-slots.ts"
import { boolean, number } from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { epicReads } from "./web.ts"

/** What `summary` says of settings, in the field's words. */
export const readSummary = (context: DriverContext): Promise<Outcome<Row>> =>
  epicReads(context).object("summary")

/** Their passwords are not told. */
export function poolsOf(summary: Row): PoolEntry[] {
  const word = (value: unknown) => (typeof value === "string" ? value : "")
  return listAt(summary, "StratumConfigs", 3).map(({ pool, login }) => ({
    url: word(pool),
    user: word(login),
    pass: "",
  }))
}

/** `Fan Mode` is `{"Auto": {…}}`, or `Manual` with or without its figure. */
export function fanOf(summary: Row): NonNullable<MinerConfiguration["fan"]> | null {
  const fans = objectAt(summary, "Fans")
  const mode = fans["Fan Mode"]
  const names = typeof mode === "string" ? [mode] : Object.keys(objectAt(fans, "Fan Mode"))
  if (names.includes("Auto")) return { mode: "auto", speed_pct: null }
  if (!names.includes("Manual")) return null
  const own = number(objectAt(fans, "Fan Mode").Manual)
  return { mode: "manual", speed_pct: own ?? number(fans["Fans Speed"]) }
}

/** Settings of the automatic mode; the vendor's example where the machine has others now. */
export function autoFanOf(summary: Row): Row {
  const auto = objectAt(summary, "Fans", "Fan Mode", "Auto")
  return {
    "Target Temperature": number(auto["Target Temperature"]) ?? 60,
    "Idle Speed": number(auto["Idle Speed"]) ?? 20,
  }
}

export type Tuning = {
  running: boolean | null
  algo: string | null
  target: number | null
  minThrottle: number | null
  throttleStep: number | null
}

/** The algorithm of the tuner: watts for `PowerTune`, TH/s for every other. */
export function tuningOf(summary: Row): Tuning {
  const tune = objectAt(summary, "PerpetualTune")
  const algo = Object.keys(objectAt(tune, "Algorithm"))[0] ?? null
  const row = algo === null ? {} : objectAt(tune, "Algorithm", algo)
  const first = (...keys: string[]) =>
    keys.map((key) => number(row[key])).find((value) => value !== null) ?? null
  return {
    running: boolean(tune.Running),
    algo,
    target: number(row.Target),
    minThrottle: first("Min Throttle Target", "Min Throttle", "min_throttle"),
    throttleStep: first("Throttle Step", "throttle_step"),
  }
}
