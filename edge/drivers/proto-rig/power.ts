import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { number, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { powerMode } from "./map.ts"
import { API, getProto, protoReads, writeProto } from "./web.ts"

const LOOKS_MS = [0, 1_000, 3_000]
/** Which it is on the way to counts as well: boards take a minute to power up. */
const AT_REST = new Set(["Stopped", "PoweringOff", "Curtailed"])

/** `mining-status`; an empty one before it has started. */
export async function statusOf(context: DriverContext): Promise<Outcome<string | null>> {
  const read = await protoReads({ ...context, retry: [] }).value(`${API}/mining`)
  if (!read.ok) return read
  return { ok: true, value: text(objectAt({ m: read.value }, "m", "mining-status").status, 32) }
}

export function setMining(context: DriverContext, on: boolean): Promise<ActOutcome> {
  const path = on ? "mining/start" : "mining/stop"
  return verifiedWrite({
    context,
    ran: `POST ${path}`,
    read: async () => {
      const status = await statusOf(context)
      return status.ok ? ok({ status: status.value }) : status
    },
    isSo: ({ status }) => (status !== null && AT_REST.has(status)) !== on,
    shown: (state) => state,
    send: () => writeProto(context, "POST", path),
    told: on ? "the rig mines" : "mining is stopped",
    looksMs: LOOKS_MS,
  })
}

/** Stops and starts the mining. A rig that was stopped stays so. */
export async function restartMining(context: DriverContext): Promise<ActOutcome> {
  const status = await statusOf(context)
  if (!status.ok) return { ok: false, fault: status.fault, sent: false }
  if (status.value !== null && AT_REST.has(status.value))
    return notDone("refused", `Mining is stopped (${status.value}); start it with ENABLE.`)
  const stopped = await setMining(context, false)
  if (!stopped.ok) return stopped
  const started = await setMining(context, true)
  if (!started.ok)
    return {
      ok: false,
      sent: started.sent,
      fault: {
        kind: started.fault.kind,
        message: `Mining was stopped and did not start: ${started.fault.message}`,
      },
    }
  return {
    ok: true,
    value: {
      ran: "POST mining/stop, POST mining/start",
      message: "Mining was stopped and started anew.",
      verified: false,
      before: { status: status.value },
      after: null,
    },
  }
}

type State = { status: string | null; target: Row }

async function stateOf(context: DriverContext): Promise<Outcome<State>> {
  const status = await statusOf(context)
  if (!status.ok) return status
  const target = await getProto(context, "mining/target")
  return target.ok ? { ok: true, value: { status: status.value, target: target.value } } : target
}

/** MaximumHashrate is high, Efficiency is eco; a rig at rest is woken. */
export function setMode(context: DriverContext, mode: "high" | "eco"): Promise<ActOutcome> {
  const performance_mode = mode === "high" ? "MaximumHashrate" : "Efficiency"
  return verifiedWrite({
    context,
    ran: "PUT mining/target",
    read: () => stateOf(context),
    isSo: ({ status, target }) => powerMode(status, target) === mode,
    shown: ({ status, target }) => ({ power_mode: powerMode(status, target), status }),
    send: async ({ status, target }) => {
      const asleep = status !== null && AT_REST.has(status)
      if (target.performance_mode !== performance_mode) {
        const end = await writeProto(context, "PUT", "mining/target", { performance_mode })
        if (end.kind !== "accepted" || !asleep) return end
      }
      return writeProto(context, "POST", "mining/start")
    },
    told: `the power mode is ${mode} (${performance_mode})`,
    looksMs: LOOKS_MS,
  })
}

export async function setPowerTarget(context: DriverContext, watts: number): Promise<ActOutcome> {
  const target = await getProto(context, "mining/target")
  if (!target.ok) return { ok: false, fault: target.fault, sent: false }
  const [min, max] = [
    number(target.value.power_target_min_watts),
    number(target.value.power_target_max_watts),
  ]
  if ((min !== null && watts < min) || (max !== null && watts > max))
    return {
      ...fault(
        "unsupported",
        `${watts} W are outside of what this rig takes, ${min ?? "?"} to ${max ?? "?"} W.`,
      ),
      sent: false,
    }
  return verifiedWrite({
    context,
    ran: "PUT mining/target",
    read: () => getProto(context, "mining/target"),
    isSo: (now) => number(now.power_target_watts) === watts,
    shown: (now) => ({ power_target_w: number(now.power_target_watts) }),
    send: () => writeProto(context, "PUT", "mining/target", { power_target_watts: watts }),
    told: `the power target is ${watts} W`,
    looksMs: LOOKS_MS,
  })
}
