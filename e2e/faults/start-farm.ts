import { readSession } from "#server/auth/read-session.ts"
import { type Product, type ProductOptions, startProduct, until } from "#server/bench/product.ts"
import type { Context } from "#server/context.ts"

/** A product whose machines are all online, and its admin's context for asking by verbs. */
export async function startFarm(
  miners: number,
  options: ProductOptions,
): Promise<{ product: Product; admin: Context }> {
  const product = await startProduct(options)
  const token = (await product.cookie()).split("=")[1] ?? ""
  const session = await readSession(product.ctx, { token, address: null })
  if (!session) throw new Error("The admin cannot log in.")
  await untilOnline(product, miners)
  return { product, admin: { ...product.ctx, actor: session.actor } }
}

export function untilOnline(product: Product, miners: number): Promise<void> {
  return until(
    "every machine is online",
    async () =>
      (await product.database.sql`select 1 from miner_telemetry_live where online`).length >= miners,
    120_000,
  )
}
