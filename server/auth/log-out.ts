import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { openSessions } from "./lucia.ts"

/** Ends a session. Nothing happens when it is over already. */
export async function logOut(ctx: Context, input: { token: string }): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await openSessions({ sql: ctx.sql, db: tx, now: ctx.now }).end(input.token)
    if (ctx.actor.kind !== "user") return
    await writeAudit(tx, ctx, {
      action: "session.logout",
      siteId: null,
      subjectType: "user",
      subjectId: ctx.actor.userId,
    })
  })
}
