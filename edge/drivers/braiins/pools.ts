import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { ANY_PASSWORD, type PoolEntry, poolsTold, usedPools, wantedPools } from "../pool-slots.ts"
import { text } from "../transport/coerce.ts"
import { type SentWrite, verifiedWrite } from "../verified-write.ts"
import { askGraphql, type Fields, literal, mutate } from "./graphql.ts"
import { getRest, writeRest } from "./rest.ts"
import { listOf, rowOf } from "./units.ts"

type Web = "rest" | "graphql"
const GROUP = "default"

/** Pools of all groups, in their order; a password that is not told is empty. */
export async function readPools(context: DriverContext, web: Web): Promise<Outcome<PoolEntry[]>> {
  return web === "rest" ? readByRest(context) : readByGraphql(context)
}

/** `pools` tells what is in use, the configuration what is set, and on some releases nothing: then `pools` stands. */
async function readByRest(context: DriverContext): Promise<Outcome<PoolEntry[]>> {
  const configured = await getRest(context, "configuration/miner")
  if (!configured.ok) return configured
  const set = entriesOf(listOf(rowOf(configured.value).pool_groups))
  if (set.length > 0) return ok(set)
  const told = await getRest(context, "pools")
  if (!told.ok) return told
  return ok(entriesOf(Array.isArray(told.value) ? listOf(told.value) : listOf(rowOf(told.value).pool_groups)))
}

const POOLS: Fields = {
  bos: { hostname: true },
  bosminer: { info: { poolGroups: { name: true, pools: { url: true, user: true } } } },
}

async function readByGraphql(context: DriverContext): Promise<Outcome<PoolEntry[]>> {
  const told = await askGraphql(context, POOLS)
  return told.ok ? ok(entriesOf(listOf(rowOf(rowOf(told.value.bosminer).info).poolGroups))) : told
}

function entriesOf(groups: ReturnType<typeof listOf>): PoolEntry[] {
  const pools: PoolEntry[] = []
  for (const pool of groups.flatMap((group) => listOf(group.pools))) {
    const url = text(pool.url, 512)
    if (url !== null)
      pools.push({ url, user: text(pool.user, 256) ?? "", pass: text(pool.password, 256) ?? "" })
  }
  return pools
}

/** A password that the machine does not tell is taken for the wanted one. */
export function arePools(present: readonly PoolEntry[], wanted: readonly PoolEntry[]): boolean {
  return (
    present.length === wanted.length &&
    wanted.every((pool, at) => {
      const now = present[at]!
      return now.url === pool.url && now.user === pool.user && (now.pass === "" || now.pass === pool.pass)
    })
  )
}

export async function changePool(
  context: DriverContext,
  web: Web,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const present = await readPools(context, web)
  if (!present.ok) return { ...present, sent: false }
  const slots = wantedPools(present.value, parameters)
  if (!slots.ok) return { ...slots, sent: false }
  const slot = parameters.pool_number
  const wanted = slot === undefined ? usedPools(slots.value) : withRest(present.value, slots.value)
  const hidden = slot !== undefined && wanted.some((pool, at) => at !== slot && pool.pass === "")
  return writePools(context, web, wanted, {
    told: poolsTold(slots.value, parameters),
    note: hidden
      ? `The machine does not tell the passwords of its other pools: they have "${ANY_PASSWORD}" now.`
      : "Where the machine does not tell its pool passwords, a change of the password alone is not seen.",
  })
}

/** One slot changed, and the pools beyond the three slots as they were. */
function withRest(present: readonly PoolEntry[], slots: readonly PoolEntry[]): PoolEntry[] {
  return usedPools([...slots, ...present.slice(slots.length)])
}

export function writePools(
  context: DriverContext,
  web: Web,
  wanted: readonly PoolEntry[],
  words: { told: string; note: string },
): Promise<ActOutcome> {
  return verifiedWrite<PoolEntry[]>({
    context,
    ran: web === "rest" ? "PUT pools/batch" : "updateGroups, restart",
    read: () => readPools(context, web),
    isSo: (pools) => arePools(pools, wanted),
    shown: (pools) => ({ pools: pools.map(({ url, user }) => ({ url, user })) }),
    send: () => sendPools(context, web, wanted),
    ...words,
    looksMs: [0, 1_000, 2_000, 4_000],
    // GraphQL's miner starts anew to take its pools over.
    slowToShow: web === "graphql",
  })
}

/** One group with all pools, in order: the first that answers is mined for. */
export async function sendPools(
  context: DriverContext,
  web: Web,
  wanted: readonly PoolEntry[],
): Promise<SentWrite> {
  const pools = wanted.map(({ url, user, pass }) => ({ url, user, password: pass || ANY_PASSWORD }))
  if (web === "rest")
    return writeRest(context, "pools/batch", [
      { name: GROUP, load_balance_strategy: { quota: { value: 1 } }, pools },
    ])
  const listed = pools.map(
    ({ url, user, password }) => `{url:${literal(url)},user:${literal(user)},password:${literal(password)}}`,
  )
  const groups = `[{name:${literal(GROUP)},quota:1,pools:[${listed.join(",")}]}]`
  const sent = await mutate(context, `{bosminer{config{updateGroups(groups:${groups}){__typename}}}}`)
  if (sent.kind !== "accepted") return sent
  const restarted = await mutate(context, "{bosminer{restart{__typename}}}")
  return restarted.kind === "accepted"
    ? sent
    : {
        kind: "lost",
        fault: { kind: "timeout", message: "The new pools are set, but mining was not restarted." },
      }
}
