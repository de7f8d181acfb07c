import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { ANY_PASSWORD, namedPools, type PoolEntry, poolsTold, usedPools, wantedPools } from "../pool-slots.ts"
import { verifiedWrite } from "../verified-write.ts"
import { type Command, sendWrite } from "./send.ts"
import { readPools } from "./settings.ts"

const NOT_COMPARED = "A WhatsMiner does not tell the passwords of its pools, so they were not compared."
const PASSWORDS_REPLACED = `A WhatsMiner does not tell the passwords of its pools: where none is known it is "${ANY_PASSWORD}" now.`

/** All three slots, or one of them; then the others keep address and worker, and their passwords, which nobody can read. */
export async function changePool(
  context: DriverContext,
  identity: Identity,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const present = await readPools(context)
  if (!present.ok) return { ok: false, fault: present.fault, sent: false }
  const wanted = wantedPools(present.value, parameters)
  if (!wanted.ok) return { ok: false, fault: wanted.fault, sent: false }
  return writePools(context, identity, wanted.value, {
    told: poolsTold(wanted.value, parameters),
    note: passwordNote(present.value, wanted.value),
  })
}

/** What became of passwords that nobody can read. */
export function passwordNote(present: readonly PoolEntry[], wanted: readonly PoolEntry[]): string {
  if (arePools(present, wanted)) return NOT_COMPARED
  return usedPools(wanted).some((pool) => pool.pass === "") ? PASSWORDS_REPLACED : NOT_COMPARED
}

/** The same addresses and workers in the same slots. */
export function arePools(now: readonly PoolEntry[], wanted: readonly PoolEntry[]): boolean {
  return wanted.every(({ url, user }, slot) => now[slot]?.url === url && now[slot].user === user)
}

export function writePools(
  context: DriverContext,
  identity: Identity,
  pools: readonly PoolEntry[],
  words: { told: string; note: string },
): Promise<ActOutcome> {
  return verifiedWrite({
    context,
    ran: "update_pools",
    read: () => readPools(context),
    isSo: (now) => arePools(now, pools),
    shown: (now) => ({ pools: namedPools(now) }),
    send: () => sendWrite(context, identity, poolCommand(pools)),
    ...words,
  })
}

function poolCommand(pools: readonly PoolEntry[]): Command {
  const command: Command = { cmd: "update_pools" }
  for (const [slot, { url, user, pass }] of pools.entries()) {
    command[`pool${slot + 1}`] = url
    command[`worker${slot + 1}`] = user
    command[`passwd${slot + 1}`] = url === "" ? "" : pass || ANY_PASSWORD
  }
  return command
}
