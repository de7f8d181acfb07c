import { randomUUID } from "node:crypto"
import { AUDIT_CHANNEL } from "#db/queries/audit-chain.ts"
import { sealAudit } from "#server/audit/seal-audit.ts"
import { createContext, type Services } from "#server/context.ts"

/** Rows of a busy moment are sealed together. */
const GATHER_MS = 200
const AGAIN_MS = 1_000

/**
 * Seals the audit log within a second of a commit: the database tells of new rows, one sealing runs at a time, and what
 * comes meanwhile is sealed after it. A lost connection is listened on again, which seals what was missed; whatever else
 * fails is left to the next try, and to the job of the minute.
 */
export async function sealOnNotify(services: Services): Promise<{ close: () => Promise<void> }> {
  let closed = false
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let asked = false

  const ask = (afterMs: number) => {
    if (closed) return
    if (running) asked = true
    else timer ??= setTimeout(begin, afterMs)
  }
  const begin = () => {
    timer = null
    running = run().then((again) => {
      running = null
      if (again !== null || asked) ask(again ?? GATHER_MS)
      asked = false
    })
  }
  /** When to try again; null: when there is something new. */
  const run = async (): Promise<number | null> => {
    const ctx = createContext(services, {
      actor: { kind: "system", name: "audit.seal" },
      requestId: randomUUID(),
      source: "automatic",
    })
    try {
      const { busy } = await sealAudit(ctx)
      // Who seals just now may have looked before the row that was told of was there.
      return busy ? GATHER_MS : null
    } catch (error) {
      ctx.log.warn({ err: error }, "the audit log could not be sealed; trying again")
      return AGAIN_MS
    }
  }

  const listening = await services.sql.listen(
    AUDIT_CHANNEL,
    () => ask(GATHER_MS),
    () => ask(0),
  )
  return {
    async close() {
      closed = true
      if (timer) clearTimeout(timer)
      await running
      await listening
        .unlisten()
        .catch((error: unknown) =>
          services.log.debug({ err: error }, "the listening connection was gone already"),
        )
    },
  }
}
