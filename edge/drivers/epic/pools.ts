import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import {
  ANY_PASSWORD,
  namedPools,
  type PoolEntry,
  poolsTold,
  usedPools,
  wantedPools,
  withoutScheme,
} from "../pool-slots.ts"
import { text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { postEpic } from "./web.ts"
import { poolsOf, readSummary } from "./words.ts"

const NOT_TOLD = "The machine does not tell the passwords of pools, so they are not compared"

export async function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const summary = await readSummary(context)
  if (!summary.ok) return { ok: false, fault: summary.fault, sent: false }
  const wanted = wantedPools(poolsOf(summary.value), parameters)
  return wanted.ok
    ? setPools(context, usedPools(wanted.value), poolsTold(wanted.value, parameters))
    : { ok: false, fault: wanted.fault, sent: false }
}

/** All pools at once, as the coin that it mines; one whose password nobody knows gets `x`. */
export function setPools(
  context: DriverContext,
  pools: readonly PoolEntry[],
  told: string,
): Promise<ActOutcome> {
  const madeUp = pools.some((pool) => pool.pass === "")
  return verifiedWrite<Row>({
    context,
    ran: "coin",
    read: () => readSummary(context),
    isSo: (summary) => same(poolsOf(summary), pools),
    shown: (summary) => ({ pools: namedPools(poolsOf(summary)) }),
    send: (summary) =>
      postEpic(context, "coin", {
        param: {
          coin: text(objectAt(summary, "Mining").Coin, 32) ?? "Btc",
          stratum_configs: pools.map(({ url, user, pass }) => ({
            pool: url,
            login: user,
            password: pass || ANY_PASSWORD,
          })),
          unique_id: false,
        },
      }),
    told,
    note: madeUp ? `${NOT_TOLD}; where none was given it is "${ANY_PASSWORD}" now.` : `${NOT_TOLD}.`,
  })
}

const same = (present: readonly PoolEntry[], wanted: readonly PoolEntry[]) =>
  present.length === wanted.length &&
  wanted.every((pool, at) => {
    const now = present[at]!
    return withoutScheme(pool.url) === withoutScheme(now.url) && pool.user === now.user
  })
