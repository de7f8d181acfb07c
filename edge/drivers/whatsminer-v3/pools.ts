import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { ANY_PASSWORD, namedPools, type PoolEntry, poolsTold, usedPools, wantedPools } from "../pool-slots.ts"
import { verifiedWrite } from "../verified-write.ts"
import { arePools, passwordNote } from "../whatsminer/pools.ts"
import { sendSet } from "./send.ts"
import { readPools } from "./settings.ts"

/** All three slots, or one of them; then the others keep address and worker, and their passwords, which nobody can read. */
export async function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const present = await readPools(context)
  if (!present.ok) return { ok: false, fault: present.fault, sent: false }
  const wanted = wantedPools(present.value, parameters)
  if (!wanted.ok) return { ok: false, fault: wanted.fault, sent: false }
  return writePools(context, wanted.value, {
    told: poolsTold(wanted.value, parameters),
    note: passwordNote(present.value, wanted.value),
  })
}

export function writePools(
  context: DriverContext,
  pools: readonly PoolEntry[],
  words: { told: string; note: string },
): Promise<ActOutcome> {
  const param = usedPools(pools).map(({ url, user, pass }) => ({
    pool: url,
    worker: user,
    passwd: pass || ANY_PASSWORD,
  }))
  return verifiedWrite({
    context,
    ran: "set.miner.pools",
    read: () => readPools(context),
    isSo: (now) => arePools(now, usedFirst(pools)),
    shown: (now) => ({ pools: namedPools(now) }),
    send: () => sendSet(context, { cmd: "set.miner.pools", param, sealed: true }),
    ...words,
  })
}

/** The list that is sent has no gaps: an empty slot before a used one closes up. */
function usedFirst(pools: readonly PoolEntry[]): PoolEntry[] {
  const used = usedPools(pools)
  return [...used, ...pools.filter((pool) => pool.url === "")]
}
