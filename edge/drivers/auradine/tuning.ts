import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { mhz, number, positive } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { type SentWrite, verifiedWrite } from "../verified-write.ts"
import { getReport, post } from "./api.ts"

const NEAR_MHZ = 3
const NEAR_PCT = 3

/** One number for each of the parts that a report lists, and a write for each. */
type Part = { id: number; value: number | null }

async function readParts(
  context: DriverContext,
  report: string,
  partOf: (row: Row) => Part | null,
): Promise<Outcome<Part[]>> {
  const told = await getReport(context, report)
  if (!told.ok) return told
  const parts = told.value.map(partOf).filter((part) => part !== null)
  return parts.length > 0 ? ok(parts) : fault("garbled", `The miner's ${report} report is empty.`)
}

/** Ends with the first part that the machine does not accept. */
async function sendEach(
  parts: readonly Part[],
  send: (id: number) => Promise<SentWrite>,
): Promise<SentWrite> {
  let sent: SentWrite = { kind: "accepted" }
  for (const { id } of parts) {
    sent = await send(id)
    if (sent.kind !== "accepted") return sent
  }
  return sent
}

export function setFans(
  context: DriverContext,
  { fan_speed_pct = 100 }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  return verifiedWrite<Part[]>({
    context,
    ran: "POST fan",
    read: () => readParts(context, "fan", fanOf),
    isSo: (fans) => fans.every(({ value }) => value !== null && Math.abs(value - fan_speed_pct) <= NEAR_PCT),
    shown: (fans) => ({ fan_speed_pct: fans.map(({ value }) => value) }),
    send: (fans) => sendEach(fans, (index) => post(context, "fan", { index, percentage: fan_speed_pct })),
    told: `the fans run at ${fan_speed_pct} %`,
    note: "The temperature limits are the collector's to keep; a new mode or a restart sets the fans anew.",
    slowToShow: true,
  })
}

/** The target in per cent of the fan's full speed. */
function fanOf(row: Row): Part | null {
  const [id, target, max] = [number(row.ID), positive(row.Target), positive(row.Max)]
  if (id === null) return null
  return { id, value: target === null || !max ? null : Math.round((target / max) * 100) }
}

export function setFrequency(
  context: DriverContext,
  { frequency_mhz, profile }: ActionOf<"SET_FREQ">["parameters"],
): Promise<ActOutcome> {
  return verifiedWrite<Part[]>({
    context,
    ran: "POST frequency",
    read: () => readParts(context, "frequency", boardOf),
    isSo: (boards) =>
      boards.every(({ value }) => value !== null && Math.abs(value - frequency_mhz) <= NEAR_MHZ),
    shown: (boards) => ({ frequency_mhz: boards.map(({ value }) => value) }),
    send: (boards) =>
      sendEach(boards, (board) => post(context, "frequency", { board, frequency: frequency_mhz })),
    told: `every board runs at ${frequency_mhz} MHz`,
    ...(profile === undefined
      ? {}
      : { note: `This machine knows no profiles, so "${profile}" had no part in it.` }),
    slowToShow: true,
  })
}

/** The mean of a board's chips that run. */
function boardOf(row: Row): Part | null {
  const id = number(row.ID)
  if (id === null || id < 1) return null
  const chips = Array.isArray(row.ChipFrequency) ? row.ChipFrequency : []
  const clocks = chips.map((chip) => mhz((chip as Row | null)?.Frequency)).filter((clock) => clock !== null)
  const value = clocks.length === 0 ? null : clocks.reduce((sum, clock) => sum + clock, 0) / clocks.length
  return { id, value: value === null ? null : Math.round(value) }
}
