/** Numbers as a control room writes them: sensible rounding, the unit always, a dash for what is unknown. */
export const UNKNOWN = "–"

const numbers = new Map<string, Intl.NumberFormat>()
function fixed(value: number, digits: number): string {
  const key = String(digits)
  let format = numbers.get(key)
  if (!format) {
    format = new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
    numbers.set(key, format)
  }
  return format.format(value)
}

export function formatCount(value: number | null | undefined): string {
  return value == null ? UNKNOWN : fixed(value, 0)
}

export type HashrateUnit = "kH/s" | "MH/s" | "GH/s" | "TH/s" | "PH/s" | "EH/s"
const GHS_PER: Record<HashrateUnit, number> = {
  "kH/s": 1e-6,
  "MH/s": 1e-3,
  "GH/s": 1,
  "TH/s": 1e3,
  "PH/s": 1e6,
  "EH/s": 1e9,
}
/** From the greatest down: the first that a rate reaches is its own. */
const UNITS: readonly HashrateUnit[] = ["EH/s", "PH/s", "TH/s", "GH/s", "MH/s", "kH/s"]

/** The unit in which a rate reads best; a table column takes one unit for all its rows. */
export function hashrateUnit(ghs: number): HashrateUnit {
  return UNITS.find((unit) => Math.abs(ghs) >= GHS_PER[unit]) ?? (ghs === 0 ? "GH/s" : "kH/s")
}

/** GH/s as `95.3 TH/s`, `12.41 PH/s`. A measured 0 is `0 TH/s`. */
export function formatHashrate(ghs: number | null | undefined, unit?: HashrateUnit): string {
  if (ghs == null) return UNKNOWN
  // A graphics card among machines of TH/s would read as 0.0.
  const lost = unit !== undefined && ghs > 0 && ghs < GHS_PER[unit] / 20
  const chosen = lost ? hashrateUnit(ghs) : (unit ?? (ghs === 0 ? "TH/s" : hashrateUnit(ghs)))
  return `${hashrateNumber(ghs, chosen)} ${chosen}`
}

export function hashrateNumber(ghs: number, unit: HashrateUnit): string {
  const value = ghs / GHS_PER[unit]
  if (value === 0) return "0"
  return fixed(value, unit === "PH/s" || unit === "EH/s" ? 2 : value >= 1000 ? 0 : 1)
}

/** W as `3,240 W`, `182.4 kW`, `12.60 MW`. */
export function formatPower(watts: number | null | undefined): string {
  if (watts == null) return UNKNOWN
  if (watts >= 1e6) return `${fixed(watts / 1e6, 2)} MW`
  if (watts >= 10_000) return `${fixed(watts / 1e3, 1)} kW`
  return `${fixed(watts, 0)} W`
}

export function formatEfficiency(jTh: number | null | undefined): string {
  return jTh == null ? UNKNOWN : `${fixed(jTh, 1)} J/TH`
}

export function formatTemp(celsius: number | null | undefined): string {
  return celsius == null ? UNKNOWN : `${fixed(celsius, 0)} °C`
}

export function formatShare(share: number | null | undefined, digits = 1): string {
  return share == null ? UNKNOWN : `${fixed(share * 100, digits)} %`
}

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes == null) return UNKNOWN
  if (bytes >= 2 ** 30) return `${fixed(bytes / 2 ** 30, 1)} GiB`
  if (bytes >= 2 ** 20) return `${fixed(bytes / 2 ** 20, 1)} MiB`
  if (bytes >= 1024) return `${fixed(bytes / 1024, 0)} KiB`
  return `${fixed(bytes, 0)} B`
}

/** Milliseconds as the two largest parts: `2 d 4 h`, `3 min`, `40 s`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms == null) return UNKNOWN
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`
  const days = Math.floor(hours / 24)
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`
}

const exact = new Map<string, Intl.DateTimeFormat>()
function parts(at: Date, zone: string): Record<string, string> {
  let format = exact.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    })
    exact.set(zone, format)
  }
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]))
}

/** `2026-03-31 14:05:09 Europe/Oslo`; without seconds when asked so. */
export function formatExact(at: Date, zone: string, seconds = true): string {
  const p = parts(at, zone)
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}${seconds ? `:${p.second}` : ""} ${zone}`
}

/** `14:05` of a zone. */
export function formatClock(at: Date, zone: string): string {
  const p = parts(at, zone)
  return `${p.hour}:${p.minute}`
}

export function formatDay(at: Date, zone: string): string {
  const p = parts(at, zone)
  return `${p.year}-${p.month}-${p.day}`
}

/** A number at an axis: `7.5 PH/s` for `7.50 PH/s`, `100 TH/s` for `100.0 TH/s`. */
export function withoutTrailingZeros(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\s|$)/, "$1").replace(/\.(?=\s|$)/, "")
}
