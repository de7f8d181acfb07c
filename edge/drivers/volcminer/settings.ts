import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { poolsTold, wantedPools } from "../pool-slots.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { formOf, isSo, poolsOf, shown, type VolcChange, type VolcConf } from "./conf.ts"
import { formRefusal, getVolc, getVolcText, postForm } from "./web.ts"

const MORE_KEYS = ["runmode", "voltage", "bb_debug_enable"]
/** The page may drop the connection; what reads back within five seconds tells. */
const LOOKS_MS = [0, 1_000, 1_000, 1_000, 1_000, 1_000]

export async function readConf(context: DriverContext): Promise<Outcome<VolcConf>> {
  const conf = await getVolc(context, "get_miner_conf")
  if (!conf.ok) return conf
  const page = await getVolcText(context, "get_miner_confV1")
  if (!page.ok && page.fault.kind !== "unsupported") return page
  return ok({ conf: conf.value, more: page.ok ? moreOf(page.value) : {} })
}

/** That page is not always JSON; its three members are looked for by name. */
function moreOf(page: string): Row {
  const more: Row = {}
  for (const key of MORE_KEYS) {
    const found = new RegExp(`"${key}"\\s*:\\s*(?:"([^"]{0,64})"|([\\w.-]{1,32}))`).exec(
      page.slice(0, 65_536),
    )
    if (found !== null) more[key] = found[1] ?? found[2]
  }
  return more
}

type Plan = { change: VolcChange; told: string; note?: string | undefined }

/** Sends the whole form with the change, once, and reads it back. */
export async function changeConf(
  context: DriverContext,
  plan: (settings: VolcConf) => Outcome<Plan>,
): Promise<ActOutcome> {
  const first = await readConf(context)
  if (!first.ok) return { ok: false, fault: first.fault, sent: false }
  const planned = plan(first.value)
  if (!planned.ok) return { ok: false, fault: planned.fault, sent: false }
  const { change, told, note } = planned.value
  let given: VolcConf | null = first.value
  return verifiedWrite<VolcConf>({
    context,
    ran: "set_miner_conf.cgi",
    read: async () => {
      const known = given
      given = null
      return known === null ? readConf(context) : ok(known)
    },
    isSo: (settings) => isSo(settings, change),
    shown: (settings) => shown(settings, change),
    send: async (settings) => {
      const form = formOf(settings, change)
      return form.ok
        ? postForm(context, "set_miner_conf", form.value, formRefusal)
        : { kind: "unsent", fault: form.fault }
    },
    told,
    ...(note === undefined ? {} : { note }),
    looksMs: LOOKS_MS,
  })
}

export const changePool = (
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> =>
  changeConf(context, (settings) => {
    const pools = wantedPools(poolsOf(settings), parameters)
    return pools.ok ? ok({ change: { pools: pools.value }, told: poolsTold(pools.value, parameters) }) : pools
  })

/** The fans alone, front and back alike; the temperature limits of the policy are the collector's to keep. */
export const setFan = (
  context: DriverContext,
  { fan_mode, fan_speed_pct = 100 }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> =>
  changeConf(context, () => {
    const manual = fan_mode !== "auto"
    const told = manual ? `the fans run at ${fan_speed_pct} %` : "the fans run by temperature"
    return ok({ change: { fan: { manual, pct: fan_speed_pct } }, told })
  })
