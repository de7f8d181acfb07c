import type { Transaction } from "#db/client.ts"
import { putCredentials, putSeals } from "#db/queries/credentials.ts"
import { selectSealed } from "#db/queries/sealed-secrets.ts"
import { bumpConfigVersion } from "#db/queries/sites.ts"
import { RESULT_CODES } from "#server/contract/commands.ts"
import type { CommandResult } from "#server/contract/edge.ts"
import { minerUsernameSchema } from "#server/contract/miner-credentials.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { tellLoginsChanged } from "./tell-logins-changed.ts"

type Answered = { row: { commandId: string; minerId: number; type: string }; result: CommandResult }

/** Whether answers make the transaction change the site's configuration; then it locks the site first. */
export function bringLogins(rows: readonly { type: string }[]): boolean {
  return rows.some((row) => row.type === "SET_LOGIN")
}

/**
 * The passwords that SET_LOGIN gave to machines become their own logins: the command's sealed texts are kept under each,
 * before the command's end wipes them. The user name is the one that the machine's answer tells.
 */
export async function storeSetLogins(
  tx: Transaction,
  ctx: Context,
  siteId: number,
  answered: readonly Answered[],
): Promise<void> {
  const set = answered.filter(
    ({ row, result }) => row.type === "SET_LOGIN" && result.result_code === RESULT_CODES.OK,
  )
  const minerIds: number[] = []
  for (const commandId of new Set(set.map(({ row }) => row.commandId))) {
    const seals = await selectSealed(tx, { siteId, subjectType: "command", subjectId: commandId })
    const ofCommand = set.filter(({ row }) => row.commandId === commandId)
    // An answer that came after the command's end: its collector keeps the login by itself.
    if (seals.length === 0) continue
    const put = await putCredentials(
      tx,
      siteId,
      ofCommand.map(({ row, result }) => ({
        scope: "miner" as const,
        family: null,
        minerId: row.minerId,
        username: minerUsernameSchema.safeParse(result.after?.username).data ?? "",
      })),
      { userId: null, at: ctx.now(), commandId },
    )
    const ids = put.map(({ id }) => id)
    await putSeals(tx, siteId, ids, seals)
    await writeAudit(tx, ctx, {
      action: "login.stored",
      siteId,
      subjectType: "site",
      subjectId: siteId,
      details: { commandId, machines: put.length, collectors: seals.length },
    })
    minerIds.push(...ofCommand.map(({ row }) => row.minerId))
  }
  if (minerIds.length === 0) return
  await bumpConfigVersion(tx, siteId)
  await tellLoginsChanged(tx, ctx, siteId, minerIds)
}
