import type { Config } from "#server/config.ts"
import { startEmbedded } from "./embedded.ts"

/** The database this configuration means: `DATABASE_URL`, else the embedded server, started or adopted. */
export type ResolvedDatabase = {
  url: string
  /** As the role that owns the schema; only `migrateDatabase` uses it. Left out: the same role. */
  ownerUrl?: string | undefined
  embedded: boolean
  /** Stops the embedded server if this call started it; nothing else. */
  release: () => Promise<void>
}

export async function resolveDatabase(
  config: Pick<Config, "DATABASE_URL" | "DATABASE_OWNER_URL" | "LAMPROOM_DATA">,
): Promise<ResolvedDatabase> {
  if (config.DATABASE_URL)
    return {
      url: config.DATABASE_URL,
      ownerUrl: config.DATABASE_OWNER_URL,
      embedded: false,
      release: async () => {},
    }
  const server = await startEmbedded(config.LAMPROOM_DATA)
  return {
    url: server.url,
    ownerUrl: server.ownerUrl,
    embedded: true,
    release: async () => (server.started ? server.stop() : undefined),
  }
}
