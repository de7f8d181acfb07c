/**
 * Takes out of recorded answers what belongs to somebody: logins, wallets and workers, addresses of networks and boards,
 * serial numbers, names of networks and hosts. The same value becomes the same stand-in everywhere, of the same kind and
 * shape, so that a driver reads the scrubbed answer as it read the real one.
 */
const SECRET_KEY =
  /^(?:_?(?:pool)?\d*pass(?:word|wd)?|pw|pwd|token|salt|newsalt|time_?token|secret|.*api_?key|jwt(?:[ _]?token)?|authorization|wifi_?pass.*|psk)$/i
const SERIAL_KEY =
  /(?:^|[_ .-])(?:sn|serial|serial_?(?:no|number)|serinum|minersn|powersn|dna|hwid|eeprom|uid|uuid|cb_?sn|pcb sn|sysid)$/i
const USER_KEY =
  /^(?:user|username|user_?name|worker|worker_?name|workername|stratumuser|fallbackstratumuser|account|wallet|address|login)$/i
const HOST_KEY = /^(?:hostname|host_?name|ssid|wifi_?ssid|device_?name|miner_?name|email|location|contact)$/i
/** What a machine calls its kind; makers put the same word where a host name stands. */
const MODEL_KEY = /^(?:miner_?type|type|model|product_?name)$/i
const POOL_URL =
  /\b(stratum2?\+(?:tcp|ssl|tls):\/\/|https?:\/\/|stratum:\/\/)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(:\d{2,5})\b/gi

/** Said by every machine of a kind, or by none: nobody's. */
const NOBODYS =
  /^(?:root|admin|null|none|n\/a|unknown|true|false|localhost|miner|antminer|whatsminer|avalon\w*|bitaxe|nerd\w*|braiins\w*|dev_?fee|x+)$/i
const IS_ADDRESS = /^(?:\d{1,3}\.){3}\d{1,3}$/

const MAC = /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g
const WALLET =
  /\b(?:bc1[a-z0-9]{25,60}|[13][a-km-zA-HJ-NP-Z1-9]{25,34}|0x[0-9a-f]{40}|[LM][a-km-zA-HJ-NP-Z1-9]{26,33}|kaspa:[a-z0-9]{50,})\b/gi
const EMAIL = /[\w.+-]+@[\w-]+\.[\w.]+/g

export type Scrubber = { scrub: (text: string) => string }

/** Learns what is sensitive from all texts of a recording first, then replaces it in each. */
export function createScrubber(texts: readonly string[]): Scrubber {
  const standIns = new Map<string, string>()
  const counts = new Map<string, number>()
  const next = (kind: string) => {
    const n = (counts.get(kind) ?? 0) + 1
    counts.set(kind, n)
    return n
  }
  const learn = (value: unknown, make: (n: number, value: string) => string, kind: string) => {
    if (typeof value !== "string" || value.length < 3 || standIns.has(value) || NOBODYS.test(value)) return
    standIns.set(value, make(next(kind), value))
  }
  const walk = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const each of value) walk(each, key)
    else if (typeof value === "object" && value !== null)
      for (const [name, each] of Object.entries(value)) walk(each, name)
    else if (SECRET_KEY.test(key)) learn(value, () => "scrubbed", "secret")
    else if (SERIAL_KEY.test(key)) learn(value, sameShape, "serial")
    else if (USER_KEY.test(key)) learn(value, workerLike, "user")
    else if (HOST_KEY.test(key) && !models.has(value)) learn(value, (n) => `host-${n}`, "host")
  }
  const models = new Set<unknown>()
  const walkModels = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const each of value) walkModels(each, key)
    else if (typeof value === "object" && value !== null)
      for (const [name, each] of Object.entries(value)) walkModels(each, name)
    else if (MODEL_KEY.test(key)) models.add(value)
  }
  for (const text of texts) walkModels(parsed(text), "")
  for (const text of texts) walk(parsed(text), "")
  for (const text of texts)
    for (const [, , host] of text.matchAll(POOL_URL))
      if (host !== undefined && !IS_ADDRESS.test(host)) learn(host, (n) => `pool${n}.example`, "pool")
  const learnt = [...standIns].sort(([one], [other]) => other.length - one.length)
  const seen = new Map<string, string>()
  const stable = (kind: string, make: (n: number) => string) => (value: string) => {
    const key = `${kind} ${value.toLowerCase()}`
    const standIn = seen.get(key) ?? make(next(kind))
    seen.set(key, standIn)
    return standIn
  }
  const macs = stable("mac", (n) => `02:00:5E:00:53:${n.toString(16).padStart(2, "0").toUpperCase()}`)
  const addresses = stable("ip", (n) => `192.0.2.${n}`)
  const wallets = stable("wallet", (n) => `wallet${n}`)
  const emails = stable("email", (n) => `person${n}@example.com`)
  return {
    scrub: (text) => {
      let out = text
      for (const [value, standIn] of learnt) out = out.replaceAll(value, standIn)
      return out
        .replace(MAC, (mac) => likeMac(mac, macs(mac.replaceAll("-", ":"))))
        .replace(WALLET, wallets)
        .replace(EMAIL, emails)
        .replace(IPV4, (ip) => (isPlain(ip) ? ip : addresses(ip)))
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll("\0", ""))
  } catch {
    return null // a page, or broken on purpose: the expressions below look through it
  }
}

/** `HTM52X38` → `SCR00001`: letters and digits where there were some, as long as before. */
function sameShape(n: number, value: string): string {
  const digits = String(n).padStart(Math.max(1, value.length - 3), "0")
  return `SCR${digits}`.slice(0, Math.max(4, value.length))
}

/** `account.rig7` → `account1.worker`: pools' users keep their dot. */
function workerLike(n: number, value: string): string {
  return value.includes(".") ? `account${n}.worker` : `account${n}`
}

function likeMac(before: string, standIn: string): string {
  const cased = /[a-f]/.test(before) ? standIn.toLowerCase() : standIn
  return before.includes("-") ? cased.replaceAll(":", "-") : cased
}

/** Masks, loopback and versions that look like addresses tell nothing about a network. */
function isPlain(ip: string): boolean {
  const parts = ip.split(".").map(Number)
  return parts.some((part) => part > 255) || [0, 127, 255].includes(parts[0]!) || ip.startsWith("192.0.2.")
}
