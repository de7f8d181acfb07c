import { setTimeout as wait } from "node:timers/promises"
import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { type PoolEntry, poolsTold, usedPools, wantedPools } from "../pool-slots.ts"
import { boolean, number, text } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { type SentWrite, verifiedWrite } from "../verified-write.ts"
import { luxRpc } from "./rpc.ts"
import { type LuxSession, withSession } from "./session.ts"

/** A pool as the machine tells it: never with its password. */
export type LuxPool = PoolEntry & { index: number; active: boolean }

export async function readPools(context: DriverContext): Promise<Outcome<LuxPool[]>> {
  const reply = await luxRpc({ ...context, retry: [] }).read("pools")
  if (!reply.ok) return reply
  const pools: LuxPool[] = []
  for (const [at, row] of rows(reply.value.body, "POOLS").entries()) {
    const url = text(row.URL, 512)
    if (url === null) continue
    const index = number(row.POOL) ?? at
    const active = boolean(row["Stratum Active"]) === true
    pools.push({ url, user: text(row.User, 256) ?? "", pass: "", index, active })
  }
  return ok(pools.sort((one, other) => one.index - other.index))
}

const same = (one: PoolEntry, other: PoolEntry | undefined) =>
  one.url === other?.url && one.user === other.user

/** Whether these are the machine's pools, in this order. Its passwords are not told. */
export const arePools = (present: readonly LuxPool[], wanted: readonly PoolEntry[]): boolean =>
  present.length === wanted.length && wanted.every((pool, slot) => same(pool, present[slot]))

/**
 * All pools, or one of them. LuxOS has no way to change a pool: new ones are added, the first of them switched to, and
 * the old ones removed, so that the machine is never without one.
 */
export async function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const present = await readPools(context)
  if (!present.ok) return { ...present, sent: false }
  const slots = wantedPools(present.value, parameters)
  if (!slots.ok) return { ...slots, sent: false }
  const slot = parameters.pool_number
  const wanted = slot === undefined ? usedPools(slots.value) : [slots.value[slot]!]
  const told = poolsTold(slots.value, parameters)
  return verifiedWrite<LuxPool[]>({
    context,
    ran: "addpool, switchpool, removepool",
    read: () => readPools(context),
    isSo: (pools) => (slot === undefined ? arePools(pools, wanted) : holds(pools, wanted[0]!, slot)),
    shown: (pools) => ({ pools: pools.map(({ url, user }) => ({ url, user })) }),
    send: (pools) =>
      withSession(context, (session) =>
        replacePools(context, session, {
          add: wanted,
          remove: slot === undefined ? pools : pools.slice(slot, slot + 1),
          use: slot === undefined || slot === 0 || pools[slot]?.active === true,
        }),
      ),
    told,
    note:
      slot === undefined
        ? "LuxOS tells no pool passwords, so a change of the password alone is not seen."
        : "LuxOS adds a pool behind the others, so its slot may be another one.",
  })
}

/** Behind the others in any slot but the first, which is the one in use. */
function holds(pools: readonly LuxPool[], wanted: PoolEntry, slot: number): boolean {
  const found = pools.filter((pool) => same(pool, wanted))
  return slot === 0 ? found.some((pool) => pool.active || pool === pools[0]) : found.length > 0
}

const REMOVE_TRIES = 6
const REMOVE_PAUSE_MS = 500

/** A no to the first part is undone; one in the middle leaves old pools behind the new, which `lost` says. */
export async function replacePools(
  context: DriverContext,
  session: LuxSession,
  change: { add: readonly PoolEntry[]; remove: readonly LuxPool[]; use: boolean },
): Promise<SentWrite> {
  const known = await readPools(context)
  if (!known.ok) return { kind: "unsent", fault: known.fault }
  const first = 1 + Math.max(-1, ...known.value.map(({ index }) => index))
  for (const [at, pool] of change.add.entries()) {
    const sent = await session.sendEither("addpool", [pool.url, pool.user, pool.pass].map(escaped))
    if (sent.kind === "accepted") continue
    for (let undo = at - 1; undo >= 0; undo -= 1)
      await session.sendEither("removepool", [String(first + undo)])
    return sent
  }
  if (change.use) {
    const sent = await session.sendEither("switchpool", [String(first)])
    if (sent.kind !== "accepted") return halfway(sent, "was not switched to")
  }
  for (const { index } of change.remove.toSorted((one, other) => other.index - one.index)) {
    const sent = await removePool(context, session, index)
    if (sent.kind !== "accepted") return halfway(sent, "is in, and an old one could not be removed")
  }
  return { kind: "accepted" }
}

/** The pool in use cannot be removed, and switching takes a moment. */
async function removePool(context: DriverContext, session: LuxSession, index: number): Promise<SentWrite> {
  for (let attempt = 1; ; attempt += 1) {
    const sent = await session.sendEither("removepool", [String(index)])
    if (sent.kind !== "refused" || attempt === REMOVE_TRIES) return sent
    try {
      await wait(REMOVE_PAUSE_MS, undefined, { signal: context.signal })
    } catch {
      return sent // the command's time is up
    }
  }
}

function halfway(sent: Exclude<SentWrite, { kind: "accepted" }>, what: string): SentWrite {
  const why = sent.kind === "refused" ? sent.message : sent.fault.message
  return { kind: "lost", fault: { kind: "timeout", message: `The new pool ${what}: ${why}` } }
}

/** Commas separate the parts of a parameter. */
const escaped = (value: string) => value.replace(/[\\,]/g, "\\$&")
