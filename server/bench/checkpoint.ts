import { join } from "node:path"
import { openDatabase } from "#db/client.ts"
import { findEmbedded } from "#db/embedded.ts"
import type { Product } from "./product.ts"

/** Writes what filling left to write, so that the machine is idle for a measurement: as superuser, whose it is to ask. */
export async function checkpoint(product: Product): Promise<void> {
  const server = findEmbedded(join(product.dir, "data"))
  if (!server) throw new Error("The database of the measurement does not run.")
  const { sql, close } = openDatabase(server.ownerUrl, { max: 1, name: "lamproom-bench" })
  try {
    await sql`checkpoint`
  } finally {
    await close()
  }
}
