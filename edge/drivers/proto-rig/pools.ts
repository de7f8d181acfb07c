import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault, type Outcome } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { type PoolEntry, poolsTold, usedPools, wantedPools } from "../pool-slots.ts"
import { text } from "../transport/coerce.ts"
import { listAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { byPriority } from "./map.ts"
import { getProto, writeProto } from "./web.ts"

type Parameters = ActionOf<"CHANGE_POOL">["parameters"]
const NOT_TOLD = "It does not tell its passwords, so these were not compared."

/** In order of priority. */
export async function getPools(context: DriverContext): Promise<Outcome<Row[]>> {
  const read = await getProto(context, "pools")
  return read.ok ? { ok: true, value: byPriority(listAt(read.value, "pools", 16)) } : read
}

export const entriesOf = (rows: Row[]): PoolEntry[] =>
  rows.map((row) => ({ url: text(row.url, 512) ?? "", user: text(row.user, 256) ?? "", pass: "" }))

export const shownPools = (rows: Row[]) => ({
  pools: entriesOf(rows).map(({ url, user }) => ({ url, user })),
})

/** A pool as it is written: what a Stratum V2 address carries behind its host is the pool's public key. */
export function poolBody(pool: PoolEntry, priority: number): Row {
  const key = /^(stratum2\+tcp:\/\/[^/]+)\/([A-Za-z0-9]+)$/.exec(pool.url)
  return {
    name: `Pool ${priority + 1}`,
    url: key?.[1] ?? pool.url,
    username: pool.user,
    password: pool.pass,
    priority,
    ...(key ? { v2_authority_pubkey: key[2] } : {}),
  }
}

const bare = (url: string) => url.replace(/^(stratum2\+tcp:\/\/[^/]+)\/.*$/, "$1").toLowerCase()
export const isPool = (one: PoolEntry | undefined, other: PoolEntry) =>
  one !== undefined && bare(one.url) === bare(other.url) && one.user === other.user

/** All of them in one write, or one by its own: the others then keep their passwords, which nobody can read. */
export async function changePool(context: DriverContext, parameters: Parameters): Promise<ActOutcome> {
  const present = await getPools(context)
  if (!present.ok) return { ok: false, fault: present.fault, sent: false }
  const wanted = wantedPools(entriesOf(present.value), parameters)
  if (!wanted.ok) return { ok: false, fault: wanted.fault, sent: false }
  const { pool_number: slot } = parameters
  const told = poolsTold(wanted.value, parameters)
  if (slot !== undefined && present.value[slot] === undefined)
    return {
      ...fault(
        "unsupported",
        `The rig has ${present.value.length} pools; slot ${slot} can only be added by setting all of them.`,
      ),
      sent: false,
    }
  return slot === undefined
    ? setPools(context, usedPools(wanted.value), told, NOT_TOLD)
    : setPool(context, slot, wanted.value[slot]!, told)
}

export function setPools(
  context: DriverContext,
  pools: PoolEntry[],
  told: string,
  note: string,
): Promise<ActOutcome> {
  return verifiedWrite({
    context,
    ran: "POST pools",
    read: () => getPools(context),
    isSo: (rows) => arePools(rows, pools),
    shown: shownPools,
    send: () => writeProto(context, "POST", "pools", pools.map(poolBody)),
    told,
    note,
  })
}

export function arePools(rows: Row[], pools: PoolEntry[]): boolean {
  const now = entriesOf(rows)
  return now.length === pools.length && pools.every((pool, at) => isPool(now[at], pool))
}

function setPool(context: DriverContext, slot: number, pool: PoolEntry, told: string): Promise<ActOutcome> {
  return verifiedWrite({
    context,
    ran: "PUT pools",
    read: () => getPools(context),
    isSo: (rows) => isPool(entriesOf(rows)[slot], pool),
    shown: shownPools,
    send: (rows) => {
      const row = rows[slot]!
      const body = { ...poolBody(pool, slot), priority: row.priority ?? slot }
      return writeProto(context, "PUT", `pools/${encodeURIComponent(String(row.id))}`, body)
    },
    told,
    note: NOT_TOLD,
  })
}
