import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { EMPTY_POOL, namedPools, POOL_SLOTS, type PoolEntry, poolsTold, wantedPools } from "../pool-slots.ts"
import { listAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { readApi, writeApi } from "./web.ts"

/** A pool of the configuration; `pass` null where it is not told. */
export type InnoPool = { url: string; user: string; pass: string | null }

const text = (row: Row, ...keys: string[]) =>
  keys.map((key) => row[key]).find((value): value is string => typeof value === "string") ?? null

export async function readPools(context: DriverContext): Promise<Outcome<InnoPool[]>> {
  const page = await readApi(context, "pools")
  if (!page.ok) return page
  return ok(
    listAt(page.value, "pools", POOL_SLOTS).map((row) => ({
      url: text(row, "url", "URL", "pool") ?? "",
      user: text(row, "user", "User", "username") ?? "",
      pass: text(row, "pass", "password", "Password"),
    })),
  )
}

export const asEntries = (pools: readonly InnoPool[]): PoolEntry[] =>
  pools.map(({ url, user, pass }) => ({ url, user, pass: pass ?? "" }))

/** A password that is not told is not compared. */
export function areSo(pools: readonly InnoPool[], wanted: readonly PoolEntry[]): boolean {
  return wanted.every((pool, slot) => {
    const now = pools[slot] ?? { ...EMPTY_POOL, pass: pool.url === "" ? pool.pass : "" }
    return now.url === pool.url && now.user === pool.user && (now.pass ?? pool.pass) === pool.pass
  })
}

export async function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const now = await readPools(context)
  if (!now.ok) return { ok: false, fault: now.fault, sent: false }
  const wanted = wantedPools(asEntries(now.value), parameters)
  if (!wanted.ok) return { ok: false, fault: wanted.fault, sent: false }
  return setPools(context, wanted.value, poolsTold(wanted.value, parameters))
}

/** All three slots in one form. */
export function setPools(
  context: DriverContext,
  pools: readonly PoolEntry[],
  told: string,
  note?: string,
): Promise<ActOutcome> {
  const wanted = Array.from({ length: POOL_SLOTS }, (_, slot) => pools[slot] ?? EMPTY_POOL)
  return verifiedWrite<InnoPool[]>({
    context,
    ran: "updatePools",
    read: () => readPools(context),
    isSo: (now) => areSo(now, wanted),
    shown: (now) => ({ pools: namedPools(asEntries(now)) }),
    send: () => {
      const form = new URLSearchParams()
      for (const [slot, { url, user, pass }] of wanted.entries()) {
        form.set(`Pool${slot + 1}`, url)
        form.set(`UserName${slot + 1}`, user)
        form.set(`Password${slot + 1}`, pass)
      }
      return writeApi(context, "updatePools", form)
    },
    told,
    ...(note === undefined ? {} : { note }),
  })
}
