import { and, eq } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { thermalProtectionConfig } from "../schema/thermal.ts"

export type ThermalConfigRow = typeof thermalProtectionConfig.$inferSelect

/** Null: the site has set nothing yet. */
export async function findThermalConfig(
  executor: Executor,
  siteId: number,
): Promise<ThermalConfigRow | null> {
  const [row] = await executor
    .select()
    .from(thermalProtectionConfig)
    .where(eq(thermalProtectionConfig.siteId, siteId))
  return row ?? null
}

/** Stores a policy over the version it was made from, 0 for none; false when another one stands there by now. */
export async function storeThermalConfig(
  executor: Executor,
  row: Omit<typeof thermalProtectionConfig.$inferInsert, "version">,
  overVersion: number,
): Promise<boolean> {
  const { siteId, ...columns } = row
  const version = overVersion + 1
  const stored =
    overVersion === 0
      ? await executor
          .insert(thermalProtectionConfig)
          .values({ ...row, version })
          .onConflictDoNothing()
          .returning({ version: thermalProtectionConfig.version })
      : await executor
          .update(thermalProtectionConfig)
          .set({ ...columns, version })
          .where(
            and(eq(thermalProtectionConfig.siteId, siteId), eq(thermalProtectionConfig.version, overVersion)),
          )
          .returning({ version: thermalProtectionConfig.version })
  return stored.length === 1
}
