import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { type PoolEntry, poolsTold, usedPools, wantedPools } from "../pool-slots.ts"
import { number } from "../transport/coerce.ts"
import { listAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { type SentWrite, verifiedWrite } from "../verified-write.ts"
import { goldReads, put } from "./web.ts"

/** Pools in the machine's order; `pass` null where it is not told. */
export type GoldPool = { url: string; user: string; pass: string | null; row: Row }

/** A list, or on newer machines groups of lists, which the pages for one pool are not known to change. */
export async function readPools(context: DriverContext): Promise<Outcome<GoldPool[]>> {
  const page = await goldReads(context).value("/mcb/pools")
  if (!page.ok) return page
  const body = page.value
  if (Array.isArray(body)) return ok(poolsOf({ list: body }))
  const row = (typeof body === "object" && body !== null ? body : {}) as Row
  const groups = listAt(row, "groups", 8)
  if (groups.length > 1)
    return fault(
      "unsupported",
      "Its pools stand in several groups, and how these are changed is not documented.",
    )
  return ok(poolsOf({ list: groups[0]?.pools ?? row.pools }))
}

function poolsOf(holder: Row): GoldPool[] {
  const word = (value: unknown) => (typeof value === "string" ? value : "")
  return listAt(holder, "list", 16)
    .map((row) => ({
      url: word(row.url),
      user: word(row.user),
      pass: typeof row.pass === "string" ? row.pass : null,
      row,
    }))
    .filter((pool) => pool.url !== "")
    .sort((one, other) => (number(one.row.dragid) ?? 0) - (number(other.row.dragid) ?? 0))
}

const same = (pool: GoldPool, wanted: PoolEntry) =>
  pool.url === wanted.url && pool.user === wanted.user && (pool.pass ?? wanted.pass) === wanted.pass

const areSo = (pools: readonly GoldPool[], wanted: readonly PoolEntry[]) =>
  pools.length === wanted.length && wanted.every((pool, at) => same(pools[at]!, pool))

export const asEntries = (pools: readonly GoldPool[]): PoolEntry[] =>
  pools.map(({ url, user, pass }) => ({ url, user, pass: pass ?? "" }))

export async function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const now = await readPools(context)
  if (!now.ok) return { ok: false, fault: now.fault, sent: false }
  const wanted = wantedPools(asEntries(now.value), parameters)
  if (!wanted.ok) return { ok: false, fault: wanted.fault, sent: false }
  return setPools(context, usedPools(wanted.value), poolsTold(wanted.value, parameters))
}

export function setPools(
  context: DriverContext,
  wanted: readonly PoolEntry[],
  told: string,
  note?: string,
): Promise<ActOutcome> {
  return verifiedWrite<GoldPool[]>({
    context,
    ran: "PUT /mcb/newpool, /mcb/delpool",
    read: () => readPools(context),
    isSo: (pools) => areSo(pools, wanted),
    shown: (pools) => ({ pools: pools.map(({ url, user }) => ({ url, user })) }),
    send: (pools) => replace(context, pools, wanted),
    told,
    ...(note === undefined ? {} : { note }),
  })
}

/**
 * One pool a request, new ones at the end. What stands right already stays; one old pool stays until the new ones are
 * there, so that the machine is never without.
 */
async function replace(
  context: DriverContext,
  pools: readonly GoldPool[],
  wanted: readonly PoolEntry[],
): Promise<SentWrite> {
  let kept = 0
  while (kept < pools.length && kept < wanted.length && same(pools[kept]!, wanted[kept]!)) kept += 1
  const old = pools.slice(kept)
  const last = kept === 0 ? old.slice(0, 1) : []
  const remove = (pool: GoldPool) => () =>
    put(context, "delpool", { ...pool.row, url: pool.url, user: pool.user, pass: pool.pass ?? "" })
  const steps = [
    ...old.filter((pool) => !last.includes(pool)).map(remove),
    ...wanted.slice(kept).map(
      ({ url, user, pass }) =>
        () =>
          put(context, "newpool", { url, user, pass }),
    ),
    ...last.map(remove),
  ]
  for (const [at, step] of steps.entries()) {
    const end = await step()
    if (end.kind === "accepted") continue
    if (at === 0 || end.kind === "lost") return end
    const why = end.kind === "refused" ? end.message : end.fault.message
    return {
      kind: "lost",
      fault: { kind: "timeout", message: `The miner took only a part of the change: ${why}` },
    }
  }
  return { kind: "accepted" }
}
