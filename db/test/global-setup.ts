import { chmodSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { readConfig } from "#server/config.ts"
import { migrateQueue } from "#server/queue.ts"
import { startEmbedded } from "../embedded.ts"
import { removeEmbeddedData } from "../embedded-paths.ts"
import { migrateDatabase } from "../migrate.ts"

declare module "vitest" {
  export interface ProvidedContext {
    databaseUrl: string
    ownerUrl: string
    /** Of the random tests. */
    modelRuns: number
    modelSeed: number
  }
}

/** One PostgreSQL a run, with one migrated database that every test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), "lamproom-test-"))
  chmodSync(dataDir, 0o755)
  const server = await startEmbedded(dataDir, { fast: true })
  await migrateDatabase(server, new Date())
  await migrateQueue(server.url)
  project.provide("databaseUrl", server.url)
  project.provide("ownerUrl", server.ownerUrl)
  const config = readConfig([])
  project.provide("modelRuns", config.LAMPROOM_TEST_RUNS)
  project.provide("modelSeed", config.LAMPROOM_TEST_SEED)
  return async () => {
    await server.stop()
    removeEmbeddedData(dataDir)
  }
}
