import { z } from "zod"
import { countFindings, selectUnknown, type UnknownRow } from "#db/queries/discovery-findings.ts"
import { type ScanRow, selectScanPage } from "#db/queries/discovery-scans.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { levelAt } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { requireLooker } from "./require-looker.ts"

export const readScanInput = z.object({
  scanId: z.uuid("There is no such scan."),
  page: z.number().int().min(1).max(10_000).default(1),
  pageSize: z.number().int().min(1).max(200).default(50),
})

export type ReadScan = {
  scan: ScanRow
  /** What answered and is no known miner, by address. */
  unknown: { rows: UnknownRow[]; total: number; page: number; pageSize: number }
  /** Machines that it found and told so far. */
  machines: number
  can: { manage: boolean }
}

/** A scan with the devices that it did not know; its machines are in the inbox (`scanId`). Throws NOT_FOUND. */
export async function readScan(ctx: Context, input: z.input<typeof readScanInput>): Promise<ReadScan> {
  const scope = requireLooker(ctx)
  const { scanId, page, pageSize } = parseInput(readScanInput, input)
  const [scan] = await selectScanPage(ctx.db, scope, { id: scanId }, { limit: 1, offset: 0 })
  if (!scan) throw new DomainError("NOT_FOUND", "There is no such scan.")
  const [rows, counts] = await Promise.all([
    selectUnknown(ctx.db, scanId, { limit: pageSize, offset: (page - 1) * pageSize }),
    countFindings(ctx.db, scanId),
  ])
  return {
    scan,
    unknown: { rows, total: counts.unknown, page, pageSize },
    machines: counts.machines,
    can: { manage: levelAt(ctx.actor, "COLLECTOR_MANAGE", scan.siteId) === "FULL" },
  }
}
