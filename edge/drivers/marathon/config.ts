import type { Outcome } from "#server/contract/driver-faults.ts"
import type { MinerConfiguration } from "#server/contract/edge.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import type { PoolEntry } from "../pool-slots.ts"
import { boolean, number, text } from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { marathonReads, postMarathon } from "./web.ts"

/** `miner_config`: read whole, changed, and posted whole; keys that nobody here knows go back as they came. */
export const readConfig = (context: DriverContext): Promise<Outcome<Row>> =>
  marathonReads(context).object("miner_config")

export const SLEEP = "Sleep"

export function selectorOf(config: Row): string | null {
  return text(objectAt(config, "mode")["work-mode-selector"], 32)
}

export type Mode = {
  selector: string | null
  powerTargetW: number | null
  tunesPower: boolean
  fixedMhz: number | null
  fixedVoltage: number | null
}

export function modeOf(config: Row): Mode {
  const concorde = objectAt(config, "mode", "concorde")
  const fixed = objectAt(config, "mode", "fixed")
  return {
    selector: selectorOf(config),
    powerTargetW: number(concorde["power-target"]),
    tunesPower: text(concorde["mode-select"], 32) === "PowerTarget",
    fixedMhz: number(fixed.frequency),
    fixedVoltage: number(fixed.voltage),
  }
}

export function poolsOf(config: Row): PoolEntry[] {
  const word = (value: unknown) => (typeof value === "string" ? value : "")
  return listAt(config, "pools", 16).map(({ url, user, pass }) => ({
    url: word(url),
    user: word(user),
    pass: word(pass),
  }))
}

export function fanOf(config: Row): NonNullable<MinerConfiguration["fan"]> | null {
  const advance = objectAt(config, "advance-config")
  const manual = boolean(advance["override-fan-control"])
  if (manual === null) return null
  return manual
    ? { mode: "manual", speed_pct: number(advance["fan-fixed-percent"]) }
    : { mode: "auto", speed_pct: null }
}

/** A figure as the page has it now: some builds keep them as texts. */
export const like = (present: unknown, value: number): number | string =>
  typeof present === "string" ? String(value) : value

export type ConfigChange = {
  isSo: (config: Row) => boolean
  shown: (config: Row) => Record<string, unknown>
  change: (config: Row) => Row
  told: string
  note?: string
}

export function changeConfig(
  context: DriverContext,
  { change, ...steps }: ConfigChange,
): Promise<ActOutcome> {
  return verifiedWrite<Row>({
    context,
    ran: "miner_config",
    read: () => readConfig(context),
    ...steps,
    send: (config) => postMarathon(context, "miner_config", change(config)),
  })
}
