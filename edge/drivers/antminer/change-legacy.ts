import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import type { Row } from "../transport/reply.ts"
import { sentByHttp, verifiedWrite } from "../verified-write.ts"
import { CONF_PAGE, type ConfPlan, changeConf } from "./change-conf.ts"
import { type ConfWords, confWords, isSo, shown } from "./conf.ts"
import type { WebDialect } from "./dialect.ts"
import { legacyForm } from "./legacy-form.ts"
import { refusal } from "./refusal.ts"
import { getWeb, sendWeb } from "./web.ts"

/** As `changeConf`, by the form of the X17 and older, which answers when the miner has restarted. */
export async function changeLegacyConf(
  context: DriverContext,
  plan: (words: ConfWords, conf: Row) => Outcome<ConfPlan>,
): Promise<ActOutcome> {
  const first = await getWeb(context, "get_miner_conf")
  if (!first.ok) return { ok: false, fault: first.fault, sent: false }
  const planned = plan(confWords(first.value), first.value)
  if (!planned.ok) return { ok: false, fault: planned.fault, sent: false }
  const { change, told, note } = planned.value
  let last: Row = first.value
  let given: Row | null = first.value
  const outcome = await verifiedWrite<Row>({
    context,
    ran: CONF_PAGE,
    read: async () => {
      const known = given
      given = null
      const conf = known === null ? await getWeb(context, "get_miner_conf") : ok(known)
      if (conf.ok) last = conf.value
      return conf
    },
    isSo: (conf) => isSo(confWords(conf), change),
    shown: (conf) => shown(confWords(conf), change),
    send: async (conf) => {
      const form = legacyForm(conf, change)
      if (!form.ok) return { kind: "unsent", fault: form.fault }
      const answer = await sendWeb(context, {
        method: "POST",
        path: `/cgi-bin/${CONF_PAGE}`,
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: form.value.toString(),
        timeoutMs: WRITE_TIMEOUT_MS,
        fresh: true,
      })
      return sentByHttp(answer, ({ status, text }) => (status >= 300 ? `HTTP ${status}` : refusal(text)))
    },
    told,
    ...(note === undefined ? {} : { note }),
  })
  if (!outcome.ok || outcome.value.already || !outcome.value.verified) return outcome
  const others = otherChanges(first.value, last, change.pools !== undefined)
  if (others.length === 0) return outcome
  const message = `${outcome.value.message} It also reads back other values for ${others.join(", ")}.`
  return { ok: true, value: { ...outcome.value, message } }
}

/** How a machine of this web interface takes its configuration. */
export const changerOf = (dialect: WebDialect): typeof changeConf =>
  dialect === "legacy" ? changeLegacyConf : changeConf

/** Settings besides the pools and fans that are not what they were; 0 and "0" are the same. */
function otherChanges(before: Row, after: Row, poolsChanged: boolean): string[] {
  const plain = (value: unknown) =>
    JSON.stringify(value, (_key, each) => (typeof each === "object" ? each : String(each)))
  return Object.keys(before).filter(
    (key) =>
      !/^bitmain-fan-/.test(key) &&
      !(poolsChanged && key === "pools") &&
      plain(before[key]) !== plain(after[key]),
  )
}
