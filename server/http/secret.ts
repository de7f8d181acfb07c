import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { findEmbedded } from "#db/embedded.ts"
import { type Config, ConfigError } from "../config.ts"

/**
 * What production on a real server has to be told, because several web processes must agree on it. The embedded
 * database of this checkout needs neither. Throws `ConfigError`.
 */
export function requireProductionSettings(config: Config): void {
  if (config.NODE_ENV !== "production" || !config.DATABASE_URL) return
  if (config.DATABASE_URL === findEmbedded(config.LAMPROOM_DATA)?.url) return
  const missing = [
    config.LAMPROOM_SECRET ? null : "LAMPROOM_SECRET: required in production, at least 32 characters",
    config.LAMPROOM_BASE_URL
      ? null
      : "LAMPROOM_BASE_URL: required in production, e.g. https://farm.example.com",
  ].filter((line) => line !== null)
  if (missing.length > 0)
    throw new ConfigError(
      `Configuration is wrong. Mend these variables (flag, environment or .env):\n${missing.map((line) => `  ${line}`).join("\n")}`,
    )
}

/** `LAMPROOM_SECRET`, else the one in `LAMPROOM_DATA/secret`, made once (0600). */
export function resolveSecret(config: Config): string {
  return config.LAMPROOM_SECRET ?? readOrCreateSecret(config.LAMPROOM_DATA)
}

export function readOrCreateSecret(dataDir: string): string {
  const file = join(dataDir, "secret")
  mkdirSync(dataDir, { recursive: true })
  try {
    writeFileSync(file, `${randomBytes(32).toString("base64url")}\n`, { flag: "wx", mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
  return readFileSync(file, "utf8").trim()
}
