import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { boolean, number } from "../transport/coerce.ts"
import { type SentWrite, verifiedWrite } from "../verified-write.ts"
import { askGraphql, type Fields, mutate } from "./graphql.ts"
import { getRest, writeRest } from "./rest.ts"
import { count, rowOf, watts } from "./units.ts"

type Web = "rest" | "graphql"
/** `byPower`: the tuner runs, and by watts. */
export type PowerTarget = { targetW: number | null; byPower: boolean }
type Range = { min: number | null; max: number | null }

const BY_POWER = 1

export function setPowerTarget(context: DriverContext, web: Web, targetW: number): Promise<ActOutcome> {
  return withinRange(context, web, targetW, () =>
    verifiedWrite<PowerTarget>({
      context,
      ran: web === "rest" ? "PUT performance/power-target" : "updateAutotuning",
      read: () => readPowerTarget(context, web),
      isSo: (state) => state.byPower && state.targetW === targetW,
      shown: (state) => ({ power_limit_w: state.targetW, tuned_by_power: state.byPower }),
      send: () => sendPowerTarget(context, web, targetW),
      told: `the tuner keeps to ${targetW} W`,
      looksMs: [0, 1_000, 2_000, 4_000],
    }),
  )
}

export function sendPowerTarget(context: DriverContext, web: Web, targetW: number): Promise<SentWrite> {
  if (web === "rest") return writeRest(context, "performance/power-target", { watt: targetW })
  const input = `{powerTarget:${targetW},enabled:true}`
  return mutate(context, `{bosminer{config{updateAutotuning(input:${input},apply:true){__typename}}}}`)
}

async function withinRange(
  context: DriverContext,
  web: Web,
  targetW: number,
  act: () => Promise<ActOutcome>,
): Promise<ActOutcome> {
  const { min, max } = await readRange(context, web)
  if ((min === null || targetW >= min) && (max === null || targetW <= max)) return act()
  return notDone(
    "unsupported",
    `${targetW} W are outside the machine's range of ${min ?? "?"} to ${max ?? "?"} W.`,
  )
}

/** What the machine says it may be set to; nulls where it does not: then it refuses by itself. */
async function readRange(context: DriverContext, web: Web): Promise<Range> {
  if (web === "rest") {
    const told = await getRest(context, "configuration/constraints")
    const target = told.ok ? rowOf(rowOf(rowOf(told.value).tuner_constraints).power_target) : {}
    return { min: watts(target.min), max: watts(target.max) }
  }
  const told = await askGraphql(context, RANGE)
  const metadata = told.ok ? rowOf(rowOf(rowOf(told.value.bosminer).config).metadata) : {}
  const target = rowOf(rowOf(metadata.autotuning).powerTarget)
  return { min: number(target.min), max: number(target.max) }
}

const RANGE: Fields = {
  bosminer: { config: { metadata: { autotuning: { powerTarget: { min: true, max: true } } } } },
}
const TUNING: Fields = {
  bosminer: { config: { autotuning: { mode: true, powerTarget: true, enabled: true } } },
}

export async function readPowerTarget(context: DriverContext, web: Web): Promise<Outcome<PowerTarget>> {
  if (web === "rest") {
    const told = await getRest(context, "configuration/miner")
    return told.ok ? ok(powerTargetOf(rowOf(told.value).tuner)) : told
  }
  const told = await askGraphql(context, TUNING)
  if (!told.ok) return told
  const tuning = rowOf(rowOf(rowOf(told.value.bosminer).config).autotuning)
  return ok({
    targetW: number(tuning.powerTarget),
    byPower: boolean(tuning.enabled) !== false && !/hashrate/i.test(String(tuning.mode)),
  })
}

export function powerTargetOf(tuner: unknown): PowerTarget {
  const row = rowOf(tuner)
  const mode = count(row.tuner_mode)
  return {
    targetW: watts(row.power_target),
    byPower: boolean(row.enabled) !== false && (mode === null || mode === BY_POWER),
  }
}
