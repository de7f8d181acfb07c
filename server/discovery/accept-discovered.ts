import type { z } from "zod"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { type Accepted, acceptRows } from "./accept-rows.ts"
import { chosenMachines, chosenSchema } from "./chosen-machines.ts"

/**
 * Takes found machines on: their collector reads them from its next look at its settings on, within seconds. What is read
 * already is skipped. `decisionId` takes it back (`undoDecision`).
 */
export async function acceptDiscovered(
  ctx: Context,
  input: z.input<typeof chosenSchema>,
): Promise<Accepted & { decisionId: string }> {
  const chosen = parseInput(chosenSchema, input)
  const decisionId = crypto.randomUUID()
  return ctx.db.transaction(async (tx) => {
    const total: Accepted = { accepted: 0, targets: 0, skipped: 0 }
    for (const [siteId, rows] of await chosenMachines(tx, ctx, chosen)) {
      const one = await acceptRows(tx, ctx, { siteId, rows, decisionId, automatic: false })
      for (const name of ["accepted", "targets", "skipped"] as const) total[name] += one[name]
    }
    return { ...total, decisionId }
  })
}
