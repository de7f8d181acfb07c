import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { Outcome } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { boolean, number } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { acceptedWrite, verifiedWrite } from "../verified-write.ts"
import { type MinerState, minerState } from "./states.ts"
import { openReads, postJson } from "./web.ts"

const readStatus = (context: DriverContext): Promise<Outcome<Row>> => openReads(context).object("status")

const stateOf = (status: Row): MinerState => minerState(status.miner_state)
const shown = (status: Row) => ({ miner_state: stateOf(status).name })

/** Pause keeps the chips warm; stop lets them go cold. */
export function rest(context: DriverContext, how: "pause" | "stop"): Promise<ActOutcome> {
  return verifiedWrite<Row>({
    context,
    ran: `mining/${how}`,
    read: () => readStatus(context),
    isSo: (status) => {
      const { atRest, paused } = stateOf(status)
      return how === "pause" ? atRest : atRest && !paused
    },
    shown,
    send: () => postJson(context, `mining/${how}`, {}, WRITE_TIMEOUT_MS),
    told: how === "pause" ? "mining is paused" : "mining is stopped",
    slowToShow: true,
  })
}

/** A paused machine resumes, any other that does not mine is started. */
export async function wake(context: DriverContext): Promise<ActOutcome> {
  const now = await readStatus(context)
  if (!now.ok) return { ok: false, fault: now.fault, sent: false }
  const path = stateOf(now.value).paused ? "mining/resume" : "mining/start"
  return verifiedWrite<Row>({
    context,
    ran: path,
    read: () => readStatus(context),
    isSo: (status) => stateOf(status).running,
    shown,
    send: () => postJson(context, path, {}, WRITE_TIMEOUT_MS),
    told: "mining is resumed",
    slowToShow: true,
  })
}

export async function restart(context: DriverContext, mode: "soft" | "hard"): Promise<ActOutcome> {
  const path = mode === "hard" ? "system/reboot" : "mining/restart"
  const before = await readStatus({ ...context, retry: [] })
  return acceptedWrite({
    ran: path,
    send: () => postJson(context, path, {}, WRITE_TIMEOUT_MS),
    message: mode === "hard" ? "The machine accepted the reboot." : "The machine restarts mining.",
    before: before.ok
      ? { ...shown(before.value), state_seconds: number(before.value.miner_state_time) }
      : null,
    dropIsYes: mode === "hard",
  })
}

/** Read first: without a body the page would only switch over. */
export function locate(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<Row>({
    context,
    ran: "find-miner",
    read: () => readStatus(context),
    isSo: (status) => boolean(status.find_miner) === on,
    shown: (status) => ({ light: boolean(status.find_miner) }),
    send: () => postJson(context, "find-miner", { on }, WRITE_TIMEOUT_MS),
    told: `the light is ${on ? "on" : "off"}`,
  })
}
