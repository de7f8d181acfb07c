import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity } from "../driver.ts"
import { boolean, number } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { modulesOf } from "./map.ts"
import { words } from "./mm-text.ts"
import { avalonSession, deviceTimeS, readStats } from "./reports.ts"
import { isAsleep } from "./state.ts"

/** What can be set, as the machine tells it now. */
export type Settings = {
  asleep: boolean
  /** Where it tells a schedule: seconds on its own clock. */
  sleepsAtS: number | null
  wakesAtS: number | null
  workMode: number | null
  workLevel: number | null
  fanPct: number | null
  light: boolean | null
  targetTempC: number | null
  /** The clocks of each board, MHz. */
  clocks: number[][]
  deviceTimeS: number | null
  mm: Row
}

export async function readSettings(context: DriverContext, identity: Identity): Promise<Outcome<Settings>> {
  const reply = await readStats(context, avalonSession(context), identity.model)
  if (!reply.ok) return reply
  const mm = modulesOf(rows(reply.value.body, "STATS"))[0]
  if (mm === undefined) return fault("garbled", "The miner's statistics hold none of its settings.")
  const clocks: number[][] = []
  for (let board = 0; board < 32 && `SF${board}` in mm; board += 1)
    clocks.push(
      words(mm[`SF${board}`], 8)
        .map(number)
        .filter((mhz): mhz is number => mhz !== null && mhz > 0),
    )
  return ok({
    asleep: isAsleep(mm),
    sleepsAtS: number(mm.SoftOffTime),
    wakesAtS: number(mm.SoftOnTime),
    workMode: number(mm.WORKMODE),
    workLevel: number(mm.WORKLEVEL) ?? number(mm.WORKLVL),
    fanPct: number(mm.FanR),
    light: boolean(mm.Led),
    targetTempC: number(mm.TarT),
    clocks: clocks.filter((board) => board.length > 0),
    deviceTimeS: deviceTimeS(reply.value),
    mm,
  })
}
