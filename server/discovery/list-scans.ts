import { z } from "zod"
import { countScans, type ScanRow, selectScanPage } from "#db/queries/discovery-scans.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { requireLooker } from "./require-looker.ts"

export type { ScanRow }

export const listScansInput = z.object({
  siteId: z.number().int().optional(),
  deviceId: z.number().int().optional(),
  page: z.number().int().min(1).max(10_000).default(1),
  pageSize: z.number().int().min(1).max(100).default(20),
})

/** Scans of the last 90 days, what runs first, then the newest. */
export async function listScans(
  ctx: Context,
  input: z.input<typeof listScansInput> = {},
): Promise<{ rows: ScanRow[]; total: number; page: number; pageSize: number }> {
  const { page, pageSize, ...filter } = parseInput(listScansInput, input)
  const scope = requireLooker(ctx, filter.siteId)
  const [rows, total] = await Promise.all([
    selectScanPage(ctx.db, scope, filter, { limit: pageSize, offset: (page - 1) * pageSize }),
    countScans(ctx.db, scope, filter),
  ])
  return { rows, total, page, pageSize }
}
