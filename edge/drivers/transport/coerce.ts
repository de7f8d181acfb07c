/**
 * Values as miners write them, to values as the telemetry sample wants them. Every function returns null for what
 * is absent, a sentinel or out of the range that the sample can carry; none throws.
 */
/** What the sample can carry; anything beyond is nonsense. */
export const MAX_MAGNITUDE = 1e15
const ABSENT = /^(?:|-+|n\/?a|null|none|unknown|-?nan|[+-]?inf(?:inity)?|undefined)$/i
const NUMBER = /^[+-]?(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)?(?:\.\d+)?(?:e[+-]?\d+)?/i

/** `"18,500.5"`, `" 42 "`, `"3250 W"`, `"72%"` → the number in front. Anything else is null. */
export function number(value: unknown): number | null {
  if (typeof value === "number") return Math.abs(value) <= MAX_MAGNITUDE ? value : null
  if (typeof value !== "string") return null
  if (isPlainDecimal(value, 0, value.length)) return within(Number(value))
  const figures = lengthBeforeUnit(value)
  if (figures > 0) return within(Number(value.slice(0, figures)))
  const text = value.trim()
  if (text.length > 64 || ABSENT.test(text)) return null
  const head = NUMBER.exec(text)?.[0] ?? ""
  if (!/\d/.test(head) || !/^\s*(?:[a-z%°/]{0,8})$/i.test(text.slice(head.length))) return null
  return within(Number(head.replaceAll(",", "")))
}

const within = (parsed: number) => (Math.abs(parsed) <= MAX_MAGNITUDE ? parsed : null)

const BLANK = 32
const PERCENT = 37
const QUOTE = 39
const MINUS = 45
const POINT = 46
const SLASH = 47
const ZERO = 48
const NINE = 57
const COLON = 58
const LETTER_A = 65
const LETTER_F = 70
const LETTER_Z = 90
const LOWER_A = 97
const LOWER_Z = 122
const TILDE = 126

/** Digits with at most one point among them, perhaps behind a minus: what nearly all figures in texts are. */
function isPlainDecimal(text: string, from: number, to: number): boolean {
  let at = text.charCodeAt(from) === MINUS ? from + 1 : from
  if (at >= to || to - at > 24) return false
  let point = false
  for (const first = at; at < to; at += 1) {
    const code = text.charCodeAt(at)
    if (code === POINT && !point && at > first && at < to - 1) point = true
    else if (code < ZERO || code > NINE) return false
  }
  return true
}

/** Of `72%`, `3250 W`, `18.5TH/s`: how long the figure in front of the unit is; 0 for anything that is not plainly so. */
function lengthBeforeUnit(text: string): number {
  const { length } = text
  let at = length
  while (at > 0 && length - at < 8 && isUnitSign(text.charCodeAt(at - 1))) at -= 1
  if (at === length) return 0
  const figures = text.charCodeAt(at - 1) === BLANK ? at - 1 : at
  return isPlainDecimal(text, 0, figures) ? figures : 0
}

const isUnitSign = (code: number) =>
  (code >= LETTER_A && code <= LETTER_Z) ||
  (code >= LOWER_A && code <= LOWER_Z) ||
  code === PERCENT ||
  code === SLASH

export function positive(value: unknown): number | null {
  const parsed = number(value)
  return parsed !== null && parsed >= 0 ? parsed : null
}

/** A counter: floats and strings are tolerated, negative or absurd is absent. */
export function count(value: unknown): number | null {
  const parsed = positive(value)
  return parsed !== null && parsed <= Number.MAX_SAFE_INTEGER ? Math.round(parsed) : null
}

/** Seconds of uptime, inside what the database can hold. */
export function seconds(value: unknown): number | null {
  const parsed = count(value)
  return parsed !== null && parsed <= 2_147_483_647 ? parsed : null
}

/** Chips of a board. */
export function chips(value: unknown): number | null {
  const parsed = count(value)
  return parsed !== null && parsed <= 32_767 ? parsed : null
}

/** °C. 0 is what a missing sensor reads; at or below −40 and at or above 200 are sentinels. */
export function tempC(value: unknown): number | null {
  const parsed = number(value)
  return parsed === null || parsed === 0 || parsed <= -40 || parsed >= 200 ? null : parsed
}

/** Watts: −1 and 0 are written by machines that do not measure. */
export function powerW(value: unknown): number | null {
  const parsed = number(value)
  return parsed !== null && parsed > 0 ? parsed : null
}

/** RPM. 0 is a stopped fan, null is none fitted or not told. */
export function rpm(value: unknown): number | null {
  const parsed = positive(value)
  return parsed !== null && parsed <= 100_000 ? Math.round(parsed) : null
}

/** MHz; 0 is an absent board. */
export function mhz(value: unknown): number | null {
  const parsed = number(value)
  return parsed !== null && parsed > 0 ? parsed : null
}

const SENSORS_MAX = 16

/** `"78-50-69-70"` (also `"78--5-69"`), an array, or one number → sensor values, null where no sensor answers. */
export function sensorTemps(value: unknown): (number | null)[] {
  if (Array.isArray(value))
    return (value.length > SENSORS_MAX ? value.slice(0, SENSORS_MAX) : value).map(tempC)
  if (typeof value === "number") return [tempC(value)]
  if (typeof value !== "string" || value.length > 128) return []
  const text = value.trim()
  const temps: (number | null)[] = []
  for (let from = 0; from < text.length && temps.length < SENSORS_MAX; ) {
    // A minus right behind a dash belongs to the value.
    let to = text.indexOf("-", from + 1)
    if (to < 0) to = text.length
    if (!isPlainDecimal(text, from, to)) return []
    temps.push(tempC(Number(text.slice(from, to))))
    if (to === text.length - 1) return []
    from = to + 1
  }
  return temps
}

/** Difficulty and other figures with an SI suffix: `"524K"`, `"1.2M"`, `"483k"`. */
export function siNumber(value: unknown): number | null {
  if (typeof value === "number") return number(value)
  const match = typeof value === "string" ? /^\s*([\d.,]+)\s*([kmgtpe])?\s*$/i.exec(value) : null
  const base = number(match?.[1])
  if (base === null) return null
  const exponent = " kmgtpe".indexOf((match?.[2] ?? " ").toLowerCase())
  return base * 1000 ** exponent
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "y", "yes", "1", "on"].map((word) => [word, true] as const),
  ...["false", "n", "no", "0", "off"].map((word) => [word, false] as const),
])

export function boolean(value: unknown): boolean | null {
  if (typeof value === "boolean") return value
  if (value === 1 || value === 0) return value === 1
  if (typeof value !== "string" || value === "") return null
  return FLAGS.get(value) ?? FLAGS.get(value.trim().toLowerCase()) ?? null
}

/** Text without control characters, quotes around it and blank edges, cut to what the sample can carry. */
export function text(value: unknown, max: number): string | null {
  if (typeof value === "number") return String(value).slice(0, max)
  if (typeof value !== "string" || value === "") return null
  if (isCleanText(value, max)) return value
  const clean = value
    .slice(0, 4096)
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .replace(/^'(.*)'$/, "$1")
    .trim()
  return ABSENT.test(clean) ? null : clean.slice(0, max)
}

/** ASCII that needs no cleaning, with a first letter that no word for "absent" has: what nearly all texts are. */
function isCleanText(value: string, max: number): boolean {
  const { length } = value
  if (length === 0 || length > max || length > 4096) return false
  const first = FIRST_SIGN[value.charCodeAt(0)]
  if (first === undefined || first === UNCLEAN || value.charCodeAt(length - 1) === BLANK) return false
  if (first === MAY_BE_ABSENT && length <= LONGEST_ABSENT) return false
  for (let at = 1; at < length; at += 1) {
    const code = value.charCodeAt(at)
    if (code < BLANK || code > TILDE) return false
  }
  return true
}

const UNCLEAN = 1
const MAY_BE_ABSENT = 2
/** `undefined`, `+infinity`. */
const LONGEST_ABSENT = 9
/** What the first sign says of a text, by its character code. A row of dashes, however long, is absent. */
const FIRST_SIGN = Uint8Array.from({ length: TILDE + 1 }, (_, code) => {
  if (code <= BLANK || code === QUOTE || code === MINUS) return UNCLEAN
  return "+nui".includes(String.fromCharCode(code).toLowerCase()) ? MAY_BE_ABSENT : 0
})

/** `aabbccddeeff`, `AA-BB-…`, `aa:bb:…` → `AA:BB:CC:DD:EE:FF`; not hexadecimal, all zero or all ones is absent. */
export function mac(value: unknown): string | null {
  if (typeof value !== "string") return null
  if (isPlainMac(value)) return value
  const upper = value.toUpperCase().replaceAll("-", ":")
  if (isPlainMac(upper)) return upper
  const hex = upper.trim().replace(/[:.-]/g, "")
  if (!/^[0-9A-F]{12}$/.test(hex) || /^(?:0+|F+)$/.test(hex)) return null
  return hex.replace(/..(?=.)/g, "$&:")
}

const MAC_LENGTH = 17

/** `AA:BB:CC:DD:EE:FF`, neither all zero nor all ones, is a MAC as it stands. */
function isPlainMac(value: string): boolean {
  if (value.length !== MAC_LENGTH) return false
  let zeros = 0
  let ones = 0
  for (let at = 0; at < MAC_LENGTH; at += 1) {
    const code = value.charCodeAt(at)
    if (at % 3 === 2) {
      if (code !== COLON) return false
    } else if (code === ZERO) zeros += 1
    else if (code === LETTER_F) ones += 1
    else if (code < ZERO || code > LETTER_F || (code > NINE && code < LETTER_A)) return false
  }
  return zeros < 12 && ones < 12
}

const GHS_FACTORS: ReadonlyMap<string, number> = new Map([
  ["H", 1e-9],
  ["K", 1e-6],
  ["M", 1e-3],
  ["G", 1],
  ["T", 1e3],
  ["P", 1e6],
])

/** The figure at this unit in GH/s: `GH`, `MH/s`, `KH/s`, `H/s`, `TH/s`. GH/s when the miner does not say. */
export function ghsFactor(unit: unknown): number {
  if (typeof unit !== "string") return 1
  return GHS_FACTORS.get(unit.charAt(0)) ?? GHS_FACTORS.get(unit.trim().charAt(0).toUpperCase()) ?? 1
}
