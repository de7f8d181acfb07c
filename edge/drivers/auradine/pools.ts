import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import {
  ANY_PASSWORD,
  EMPTY_POOL,
  namedPools,
  POOL_SLOTS,
  type PoolEntry,
  poolsTold,
  usedPools,
  wantedPools,
} from "../pool-slots.ts"
import { count, text } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { auradineSession, post } from "./api.ts"

/** Pools by their slot; the machine does not tell their passwords. */
export async function readPools(context: DriverContext): Promise<Outcome<PoolEntry[]>> {
  const reply = await auradineSession(context).read("pools")
  if (!reply.ok) return reply
  const slots = Array.from({ length: POOL_SLOTS }, () => EMPTY_POOL)
  for (const [at, row] of rows(reply.value.body, "POOLS").entries()) {
    const slot = count(row.POOL) ?? at
    if (slot < POOL_SLOTS)
      slots[slot] = { url: text(row.URL, 512) ?? "", user: text(row.User, 256) ?? "", pass: "" }
  }
  return ok(slots)
}

export const arePools = (wanted: readonly PoolEntry[], present: readonly PoolEntry[]): boolean =>
  wanted.every(({ url, user }, slot) => present[slot]?.url === url && present[slot]?.user === user)

export async function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const present = await readPools(context)
  if (!present.ok) return { ...present, sent: false }
  const known = present.value.map((pool) => (pool.url === "" ? pool : { ...pool, pass: ANY_PASSWORD }))
  const wanted = wantedPools(known, parameters)
  if (!wanted.ok) return { ...wanted, sent: false }
  const others = parameters.pool_number !== undefined && usedPools(wanted.value).length > 1
  const note = `The machine does not tell the other slots' passwords; they are "${ANY_PASSWORD}" now.`
  return writePools(context, wanted.value, poolsTold(wanted.value, parameters), others ? note : undefined)
}

/** All pools in one write. */
export function writePools(
  context: DriverContext,
  wanted: readonly PoolEntry[],
  told: string,
  note?: string,
): Promise<ActOutcome> {
  const pools = usedPools(wanted).map(({ url, user, pass }) => ({ url, user, pass }))
  return verifiedWrite<PoolEntry[]>({
    context,
    ran: "POST updatepools",
    read: () => readPools(context),
    isSo: (present) => arePools(wanted, present),
    shown: (present) => ({ pools: namedPools(present) }),
    send: () => post(context, "updatepools", { pools }),
    told,
    ...(note === undefined ? {} : { note }),
    slowToShow: true,
  })
}
