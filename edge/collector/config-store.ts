import { type EdgeConfig, edgeConfigSchema } from "#server/contract/edge.ts"
import type { CacheDir } from "./state/cache-dir.ts"

const CONFIG_FILE = "config.json"

/** The newest configuration of the server without logins, which have a store of their own; kept on disk so that a start without uplink polls what it polled before. */
export function readStoredConfig(dir: CacheDir): EdgeConfig | null {
  try {
    const parsed = edgeConfigSchema.safeParse(JSON.parse(dir.read(CONFIG_FILE) ?? "null"))
    return parsed.success ? parsed.data : null
  } catch {
    // Half a file is no configuration; the server sends it again.
    return null
  }
}

export function storeConfig(dir: CacheDir, config: EdgeConfig): void {
  const { credentials: _, login_retries: __, ...kept } = config
  dir.writePrivate(CONFIG_FILE, JSON.stringify({ ...kept, miners: [] }))
}
