import type { MinerConfiguration } from "#server/contract/edge.ts"

export const MASK = "***"

/** Members that hold a secret: `pass`, `password`, `_ant_pool1pw`, `wifi_psk`, `api_token`. */
const SECRET_NAME = /(?<!by)pass(?!i?ve|thr)|pwd|(^|[_\d])pw\d*$|secret|token|psk|private_?key|api_?key/i
/** The password of `scheme://user:password@host`. */
const URL_PASSWORD = /(\/\/[^/@:\s]*:)[^/@\s]+(?=@)/g

/**
 * The same settings without secrets. Collectors mask before they send; this is the second lock, for a driver that
 * overlooked a member of a vendor's document.
 */
export function maskConfiguration(config: MinerConfiguration): MinerConfiguration {
  return {
    ...config,
    pools: config.pools.map((pool) => ({ ...pool, url: withoutPassword(pool.url) })),
    raw: masked(config.raw) as MinerConfiguration["raw"],
  }
}

function masked(value: unknown): unknown {
  if (typeof value === "string") return withoutPassword(value)
  if (Array.isArray(value)) return value.map(masked)
  if (!value || typeof value !== "object") return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, SECRET_NAME.test(name) ? hidden(part) : masked(part)]),
  )
}

/** What is empty hides nothing, and stays. */
function hidden(value: unknown): unknown {
  if (value === null || value === "" || typeof value === "boolean") return value
  if (Array.isArray(value)) return value.map(hidden)
  if (typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, hidden(part)]))
  return MASK
}

function withoutPassword(text: string): string {
  return text.replace(URL_PASSWORD, `$1${MASK}`)
}
