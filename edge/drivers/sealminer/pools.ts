import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { namedPools, type PoolEntry, poolsTold, usedPools, wantedPools } from "../pool-slots.ts"
import { verifiedWrite } from "../verified-write.ts"
import { command, thenReboot } from "./power.ts"
import { readPools } from "./settings.ts"

/** Passwords are not told, so they are not compared. */
export const arePools = (wanted: readonly PoolEntry[], present: readonly PoolEntry[]): boolean =>
  wanted.every(({ url, user }, slot) => present[slot]?.url === url && present[slot]?.user === user)

export async function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const present = await readPools(context)
  if (!present.ok) return { ...present, sent: false }
  // One slot alone: the other slots' passwords are unknown, and pools take any.
  const known = present.value.map((pool) => (pool.url === "" ? pool : { ...pool, pass: "x" }))
  const wanted = wantedPools(known, parameters)
  if (!wanted.ok) return { ...wanted, sent: false }
  const others = parameters.pool_number !== undefined && usedPools(wanted.value).length > 1
  const note = others ? 'The machine does not tell the other slots\' passwords; they are "x" now.' : undefined
  return writePools(context, wanted.value, poolsTold(wanted.value, parameters), note)
}

/** All pools in one command, then the reboot that takes them over. */
export function writePools(
  context: DriverContext,
  wanted: readonly PoolEntry[],
  told: string,
  note?: string,
): Promise<ActOutcome> {
  const pools = usedPools(wanted).map(({ url, user, pass }) => ({ url, user, pass }))
  return verifiedWrite<PoolEntry[]>({
    context,
    ran: "updatepools, reboot.php",
    read: () => readPools(context),
    isSo: (present) => arePools(wanted, present),
    shown: (present) => ({ pools: namedPools(present) }),
    send: () => thenReboot(context, () => command(context, "updatepools", JSON.stringify({ pools }))),
    told,
    note: [note, "It reboots to take them over."].filter(Boolean).join(" "),
    looksMs: [0],
    slowToShow: true,
  })
}
