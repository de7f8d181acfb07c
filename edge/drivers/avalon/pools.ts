import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, Credentials, DriverContext, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { EMPTY_POOL, namedPools, POOL_SLOTS, type PoolEntry, poolsTold, wantedPools } from "../pool-slots.ts"
import { count, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { writeOnce } from "../transport/rpc-session.ts"
import { type SentWrite, sentByRpc, verifiedWrite } from "../verified-write.ts"
import { sent } from "./ascset.ts"
import { byLogin } from "./logins.ts"
import { avalonSession } from "./reports.ts"

/** The mining process is away for some twenty seconds; one that stays away longer has accepted, unverified. */
const RESTART_LOOKS_MS = [0, 2_000, 4_000, 6_000, 8_000, 8_000]

/** Pools by their slot; `pass` null: the machine does not tell it. */
export type PresentPool = Omit<PoolEntry, "pass"> & { pass: string | null }

export async function readPools(context: DriverContext): Promise<Outcome<PresentPool[]>> {
  const reply = await avalonSession(context).read("pools")
  if (!reply.ok) return reply
  const slots: PresentPool[] = Array.from({ length: POOL_SLOTS }, () => ({ ...EMPTY_POOL, pass: null }))
  for (const [at, row] of rows(reply.value.body, "POOLS").entries()) {
    const slot = count(row.POOL) ?? at
    if (slot < POOL_SLOTS) slots[slot] = poolOf(row)
  }
  return ok(slots)
}

function poolOf(row: Row): PresentPool {
  const pass = typeof row.Password === "string" ? row.Password : null
  return { url: text(row.URL, 512) ?? "", user: text(row.User, 256) ?? "", pass }
}

const entries = (pools: readonly PresentPool[]): PoolEntry[] =>
  pools.map((pool) => ({ ...pool, pass: pool.pass ?? "" }))

/** A password that the machine does not tell is not compared. */
const isPool = (wanted: PoolEntry, present: PresentPool | undefined): boolean =>
  present !== undefined &&
  present.url === wanted.url &&
  present.user === wanted.user &&
  (present.pass === null || wanted.url === "" || present.pass === wanted.pass)

export const arePools = (wanted: readonly PoolEntry[], present: readonly PresentPool[]): boolean =>
  wanted.every((pool, slot) => isPool(pool, present[slot]))

/** All three slots, or one of them and then the others stay. */
export async function changePool(
  context: DriverContext,
  identity: Identity,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const present = await readPools(context)
  if (!present.ok) return { ...present, sent: false }
  const wanted = wantedPools(entries(present.value), parameters)
  if (!wanted.ok) return { ...wanted, sent: false }
  return writePools(context, identity, wanted.value, poolsTold(wanted.value, parameters))
}

/** Each slot that differs by `setpool`, then a restart of the mining process, which takes them over. */
export async function writePools(
  context: DriverContext,
  identity: Identity,
  wanted: readonly PoolEntry[],
  told: string,
  note?: string,
): Promise<ActOutcome> {
  for (const { url, user, pass } of wanted)
    if (/[\r\n|]/.test(url + user + pass))
      return notDone(
        "unsupported",
        "A pool's address, worker or password holds a sign that an Avalon cannot take.",
      )
  return verifiedWrite<PresentPool[]>({
    context,
    ran: "setpool, restart",
    read: () => readPools(context),
    isSo: (present) => arePools(wanted, present),
    shown: (present) => ({ pools: namedPools(entries(present)) }),
    send: (present) => sendPools(context, identity, wanted, present),
    told,
    note: [note, "It restarts its mining process to take them over."].filter(Boolean).join(" "),
    looksMs: RESTART_LOOKS_MS,
    slowToShow: true,
  })
}

async function sendPools(
  context: DriverContext,
  identity: Identity,
  wanted: readonly PoolEntry[],
  present: readonly PresentPool[],
): Promise<SentWrite> {
  const changes = [...wanted.entries()].filter(([slot, pool]) => !isPool(pool, present[slot]))
  let login: Credentials | null = null
  let done = 0
  for (const [slot, pool] of changes) {
    const send = (as: Credentials) =>
      sent(context, "setpool", poolParameter(as, slot, pool), false, [as.password, pool.pass])
    const used = login
    const outcome: { sent: SentWrite; login: Credentials | null } =
      used === null ? await byLogin(context, identity, send) : { sent: await send(used), login: used }
    if (outcome.sent.kind !== "accepted") return done === 0 ? outcome.sent : halfDone(outcome.sent, slot)
    login = outcome.login
    done += 1
  }
  const end = await writeOnce(context, "restart", new Set(["restart"]), WRITE_TIMEOUT_MS)
  if (end.ok) return { kind: "accepted" }
  return sentByRpc(end)
}

/** Slots before this one are written already, and only wait for the restart. */
function halfDone(end: SentWrite, slot: number): SentWrite {
  const why = end.kind === "refused" ? end.message : end.kind === "accepted" ? "" : end.fault.message
  const message = `Pool slots before slot ${slot} are written and count from the next restart; slot ${slot} is not: ${why}`
  return end.kind === "unsent"
    ? { kind: "lost", fault: { ...end.fault, message } }
    : end.kind === "lost"
      ? { kind: "lost", fault: { ...end.fault, message } }
      : { kind: "refused", message }
}

/** `user,password,slot,url,worker,password` of the pool; a comma inside is escaped. */
function poolParameter({ username, password }: Credentials, slot: number, pool: PoolEntry): string {
  const escaped = (value: string) => value.replace(/[\\,]/g, "\\$&")
  return [username, password, String(slot), pool.url, pool.user, pool.pass].map(escaped).join(",")
}
