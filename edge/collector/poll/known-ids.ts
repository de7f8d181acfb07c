import type { Identity } from "#edge/drivers/driver.ts"

/** What a machine says of itself and nothing else can. Null: it does not say, or it says what every other one says. */
export type HardwareIds = { serial: string | null; mac: string | null }

const PLACEHOLDERS = /^(n\/?a|none|null|unknown|undefined|default|not available|0+|1234567890*|x+|f+|-+)$/i

export function hardwareIds(told: Pick<Identity, "serial" | "mac">): HardwareIds {
  return { serial: usableSerial(told.serial), mac: normalMac(told.mac) }
}

function usableSerial(serial: string | null): string | null {
  const text = serial?.trim() ?? ""
  return text.length < 4 || text.length > 128 || PLACEHOLDERS.test(text) ? null : text
}

/** Six pairs in lower case with colons; null for what is no address of one machine. */
export function normalMac(mac: string | null): string | null {
  const digits = (mac ?? "").toLowerCase().replace(/[^0-9a-f]/g, "")
  if (digits.length !== 12 || /^(0{12}|f{12})$/.test(digits)) return null
  if (Number.parseInt(digits.slice(0, 2), 16) % 2 === 1) return null
  return digits.replace(/(..)(?!$)/g, "$1:")
}

/** `same` and `other` are certain; `unknown` when there is nothing to compare. Any difference outweighs a match. */
export function compareIds(a: HardwareIds, b: HardwareIds): "same" | "other" | "unknown" {
  const pairs = [
    [a.serial?.toLowerCase(), b.serial?.toLowerCase()],
    [a.mac, b.mac],
  ].filter(([x, y]) => x != null && y != null)
  if (pairs.length === 0) return "unknown"
  return pairs.every(([x, y]) => x === y) ? "same" : "other"
}
