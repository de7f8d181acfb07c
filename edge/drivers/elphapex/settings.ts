import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { poolsTold, wantedPools } from "../pool-slots.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import {
  type ConfChange,
  type ConfWords,
  confWords,
  isSo,
  MODE_NUMBERS,
  type Mode,
  postBody,
  shown,
} from "./conf.ts"
import { getPage, postPage } from "./web.ts"

export type Plan = { change: ConfChange; told: string; note?: string | undefined }

/** Reads the configuration, lets `plan` decide, posts the whole of it, once, and reads it back. */
export async function changeConf(
  context: DriverContext,
  plan: (words: ConfWords, conf: Row) => Outcome<Plan>,
): Promise<ActOutcome> {
  const first = await getPage(context, "get_miner_conf")
  if (!first.ok) return { ok: false, fault: first.fault, sent: false }
  const planned = plan(confWords(first.value), first.value)
  if (!planned.ok) return { ok: false, fault: planned.fault, sent: false }
  const { change, told, note } = planned.value
  let given: Row | null = first.value
  return verifiedWrite<Row>({
    context,
    ran: "set_miner_conf.cgi",
    read: async () => {
      const known = given
      given = null
      return known === null ? getPage(context, "get_miner_conf") : ok(known)
    },
    isSo: (conf) => isSo(conf, change),
    shown: (conf) => shown(conf, change),
    send: async (conf) => {
      const body = postBody(conf, change)
      return body === null
        ? { kind: "unsent", fault: fault("unsupported", NOT_WHOLE).fault }
        : postPage(context, "set_miner_conf", body)
    },
    told,
    ...(note === undefined ? {} : { note }),
  })
}

const NOT_WHOLE = "Its configuration tells no work mode or no pools, so it cannot be posted whole."

export const setMode = (context: DriverContext, mode: Mode): Promise<ActOutcome> =>
  changeConf(context, () =>
    ok({
      change: { mode: MODE_NUMBERS[mode] },
      told: mode === "sleep" ? "the machine sleeps" : "the machine works at normal power",
    }),
  )

/** A machine in a mode that has no name here is not asleep, and is left in it. */
export const enable = (context: DriverContext): Promise<ActOutcome> =>
  changeConf(context, ({ modeNumber }) => {
    const mode = modeNumber === null || modeNumber === MODE_NUMBERS.sleep ? MODE_NUMBERS.normal : modeNumber
    return ok({ change: { mode }, told: "mining is enabled" })
  })

export const changePool = (
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> =>
  changeConf(context, (words) => {
    const pools = wantedPools(words.pools, parameters)
    return pools.ok ? ok({ change: { pools: pools.value }, told: poolsTold(pools.value, parameters) }) : pools
  })

/** The fans alone; the temperature limits of the policy are the collector's to keep. */
export const setFan = (
  context: DriverContext,
  { fan_mode, fan_speed_pct = 100 }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> =>
  changeConf(context, () =>
    ok(
      fan_mode === "auto"
        ? { change: { fan: { manual: false } }, told: "the fans run by temperature" }
        : {
            change: { fan: { manual: true, pwm: fan_speed_pct } },
            told: `the fans run at ${fan_speed_pct} %`,
          },
    ),
  )
