import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { boolean, number } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { acceptedWrite, verifiedWrite } from "../verified-write.ts"
import { operatingState } from "./map.ts"
import { postEpic } from "./web.ts"
import { autoFanOf, fanOf, readSummary } from "./words.ts"

export async function reboot(context: DriverContext, mode: "soft" | "hard"): Promise<ActOutcome> {
  const summary = await readSummary({ ...context, retry: [] })
  const uptime = summary.ok ? number(objectAt(summary.value, "Session").Uptime) : null
  const hard = mode === "hard"
  return acceptedWrite({
    ran: hard ? "reboot" : "softreboot",
    send: () => (hard ? postEpic(context, "reboot", { param: "0" }) : postEpic(context, "softreboot", {})),
    message: hard ? "The machine accepted the reboot." : "The machine restarts its mining process.",
    before: summary.ok ? { uptime_seconds: uptime } : null,
    dropIsYes: true,
  })
}

export function setMining(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<Row>({
    context,
    ran: on ? "miner Autostart" : "miner Stop",
    read: () => readSummary(context),
    isSo: (summary) => operatingState(summary)[on ? "running" : "atRest"],
    shown: (summary) => ({ operating_state: operatingState(summary).name }),
    send: () => postEpic(context, "miner", { param: on ? "Autostart" : "Stop" }),
    told: on ? "mining is started" : "mining is stopped",
    slowToShow: true,
  })
}

export function locate(context: DriverContext, on: boolean): Promise<ActOutcome> {
  const lit = (summary: Row) => boolean(objectAt(summary, "Misc")["Locate Miner State"])
  return verifiedWrite<Row>({
    context,
    ran: "identify",
    read: () => readSummary(context),
    isSo: (summary) => lit(summary) === on,
    shown: (summary) => ({ light: lit(summary) }),
    send: () => postEpic(context, "identify", { param: on }),
    told: `the light is ${on ? "on" : "off"}`,
  })
}

/** The fans alone; the temperature limits of the policy are the collector's to keep. */
export async function setFan(
  context: DriverContext,
  { fan_mode, fan_speed_pct = 0 }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  if (fan_mode === "immersion")
    return notDone("unsupported", "ePIC has no immersion mode that is documented.")
  const auto = fan_mode === "auto"
  return verifiedWrite<Row>({
    context,
    ran: "fanspeed",
    read: () => readSummary(context),
    isSo: (summary) => {
      const fan = fanOf(summary)
      return fan?.mode === fan_mode && (auto || fan.speed_pct === fan_speed_pct)
    },
    shown: (summary) => ({ fan: fanOf(summary) }),
    send: (summary) =>
      postEpic(context, "fanspeed", {
        param: auto ? { Auto: autoFanOf(summary) } : { Manual: fan_speed_pct },
      }),
    told: auto ? "the fans run by temperature" : `the fans run at ${fan_speed_pct} %`,
  })
}
