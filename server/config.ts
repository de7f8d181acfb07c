import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { z } from "zod"

/**
 * Configuration: flags, then the environment, then `.env`; one parse, one error that lists every bad variable.
 * The only file that reads `process.env`.
 */
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, "must start with postgres://")
const url = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
const port = z.coerce.number().int().min(0).max(65_535)
const flag = z.enum(["0", "1", "true", "false"]).transform((v) => v === "1" || v === "true")

export const configSchema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  DATABASE_URL: postgresUrl.optional(),
  /** The role that migrates and owns the audit log; unset: that of DATABASE_URL does both. */
  DATABASE_OWNER_URL: postgresUrl.optional(),
  DATABASE_POOL: z.coerce.number().int().min(2).max(200).default(10),
  LAMPROOM_DATA: z.string().min(1).default(".lamproom"),
  PORT: port.default(3000),
  HOST: z.string().min(1).default("127.0.0.1"),
  LAMPROOM_DEMO: z.enum(["auto", "0"]).default("auto"),
  /** First free second part of the demo's addresses: 1 puts its sites on 127.1.0.x and 127.2.0.x. */
  LAMPROOM_DEMO_NETWORK: z.coerce.number().int().min(1).max(250).default(1),
  LAMPROOM_ADMIN_EMAIL: z.email().default("admin@lamproom.local"),
  LAMPROOM_ADMIN_PASSWORD: z.string().min(10, "must have at least 10 characters").optional(),
  LAMPROOM_BASE_URL: url.optional(),
  LAMPROOM_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  /** Addresses of reverse proxies whose X-Forwarded-For is believed, comma-separated. */
  LAMPROOM_TRUSTED_PROXIES: z.string().default(""),
  LAMPROOM_SERVER_URL: url.default("http://127.0.0.1:3000"),
  LAMPROOM_COLLECTOR_KEY: z.string().optional(),
  LAMPROOM_ENROLL_CODE: z.string().optional(),
  LAMPROOM_CACHE_DIR: z.string().min(1).default("./cache"),
  /** Bounds of the spool on disk. */
  LAMPROOM_SPOOL_MAX_MB: z.coerce.number().int().min(1).max(1_000_000).default(2048),
  LAMPROOM_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  /** Poll concurrency of one collector. */
  LAMPROOM_POLL_CONCURRENCY: z.coerce.number().int().min(1).max(2_048).default(256),
  /** The password that `probe` and `capture` log in to a miner with, beside `--user`. */
  LAMPROOM_MINER_PASSWORD: z.string().max(256).optional(),
  /** `/metrics` and `/healthz` of the collector, on loopback; unset: none. */
  LAMPROOM_COLLECTOR_PORT: port.optional(),
  /** Random tests: how many lives, and which; `npm run test:long` changes both. */
  LAMPROOM_TEST_RUNS: z.coerce.number().int().min(1).default(1_000),
  LAMPROOM_TEST_SEED: z.coerce.number().int().default(20_261_120),
  CHROMIUM_PATH: z.string().optional(),
  LAMPROOM_METRICS_TOKEN: z.string().min(16).optional(),
  /** Requests a minute that one address may send to pages; the gateway takes ten times as many. 0: no limit. */
  LAMPROOM_ADDRESS_REQUESTS_PER_MINUTE: z.coerce.number().int().min(0).default(1_200),
  /** Set by `remix dev` for its child. */
  REMIX_DEV_ORIGIN: url.optional(),
  CI: flag.optional().catch(true),
})
export type Config = z.infer<typeof configSchema>

/** Thrown with every bad variable listed; entry points print `message` and exit 2. */
export class ConfigError extends Error {}

function readDotEnv(path: string): Record<string, string> {
  if (!existsSync(path)) return {}
  const values: Record<string, string> = {}
  for (const line of readFileSync(path, "utf8").split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line)
    if (match?.[1] !== undefined) values[match[1]] = (match[2] ?? "").replace(/^(["'])(.*)\1$/, "$2")
  }
  return values
}

/**
 * Parses flags (`--port 3001` is PORT, `--lamproom-data x` is LAMPROOM_DATA), the environment and `.env`.
 * Empty values count as unset. Throws `ConfigError`.
 */
export function readConfig(
  argv: string[] = [],
  environment: Record<string, string | undefined> = process.env,
  cwd = process.cwd(),
): Config {
  const flags: Record<string, string> = {}
  const options = Object.fromEntries(
    Object.keys(configSchema.shape).map((name) => [flagName(name), { type: "string" as const }]),
  )
  const parsed = parseArgs({ args: argv, options, strict: false, allowPositionals: true })
  for (const name of Object.keys(configSchema.shape)) {
    const value = parsed.values[flagName(name)]
    if (typeof value === "string") flags[name] = value
  }
  const merged: Record<string, string> = {}
  for (const source of [readDotEnv(resolve(cwd, ".env")), environment, flags])
    for (const [name, value] of Object.entries(source))
      if (name in configSchema.shape && value !== undefined && value !== "") merged[name] = value
  const result = configSchema.safeParse(merged)
  if (result.success) return result.data
  const lines = result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`)
  throw new ConfigError(
    `Configuration is wrong. Mend these variables (flag, environment or .env):\n${lines.join("\n")}`,
  )
}

function flagName(variable: string): string {
  return variable.toLowerCase().replaceAll("_", "-")
}

/** The whole environment for a child process, with overrides; `undefined` removes a variable. */
export function childEnvironment(overrides: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const merged: Record<string, string | undefined> = { ...process.env, ...overrides }
  return Object.fromEntries(
    Object.entries(merged).filter(([, v]) => v !== undefined),
  ) as unknown as NodeJS.ProcessEnv
}
