import { number, tempC } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"

/** Far more than any firmware writes; a reply of a megabyte of brackets ends here. */
const MAX_FIELDS = 4_096
const MAX_KEY_CHARS = 64
const SPACE = 32
const POINT = 46
const ZERO = 48
const NINE = 57

/**
 * The vendor's string in `estats`: `Key[value] Key[value] …`. Values may be empty and hold spaces, commas and quotes; home
 * models put `'STATS':{` before and `}` behind. A key is what stands directly before its bracket, so that text without a
 * bracket (a network name with `]` in it, a prefix) belongs to nobody. The last of a repeated key counts, and a last value
 * that was cut off is left out. Never throws.
 */
export function parseMmText(text: string): Row {
  const row: Row = Object.create(null)
  let from = 0
  for (let fields = 0; fields < MAX_FIELDS; fields += 1) {
    const open = text.indexOf("[", from)
    if (open < 0) break
    const close = text.indexOf("]", open + 1)
    if (close < 0) break
    const key = keyBefore(text, open, from)
    if (key !== "") row[key] = text.slice(open + 1, close)
    from = close + 1
  }
  return row
}

function keyBefore(text: string, open: number, from: number): string {
  let end = open
  let start = open
  const floor = Math.max(from, open - MAX_KEY_CHARS)
  while (start > floor && isKeyChar(text.charCodeAt(start - 1))) start -= 1
  while (start < end && text.charCodeAt(start) === SPACE) start += 1
  while (end > start && text.charCodeAt(end - 1) === SPACE) end -= 1
  return text.slice(start, end)
}

/** Letters, digits, `_`, `%`, `-` and the space. */
function isKeyChar(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === SPACE ||
    code === 37 ||
    code === 45
  )
}

/** The values of a field, in its order; empty for a missing field. */
export function words(value: unknown, max = 64): string[] {
  if (typeof value !== "string") return []
  const found: string[] = []
  let start = -1
  for (let at = 0; at < value.length && found.length < max; at += 1) {
    const blank = value.charCodeAt(at) <= 32
    if (blank && start >= 0) {
      found.push(value.slice(start, at))
      start = -1
    } else if (!blank && start < 0) start = at
  }
  if (start >= 0 && found.length < max) found.push(value.slice(start))
  return found
}

/** The values of a field as numbers, null for what is none. Plain figures are read without taking the text apart. */
export function figures(value: unknown, max = 64): (number | null)[] {
  if (typeof value !== "string") return []
  const found: (number | null)[] = []
  const { length } = value
  for (let at = 0; at < length && found.length < max; ) {
    if (value.charCodeAt(at) <= SPACE) {
      at += 1
      continue
    }
    const from = at
    let digits = 0
    let parts = 0
    let plain = true
    for (; at < length; at += 1) {
      const code = value.charCodeAt(at)
      if (code <= SPACE) break
      if (code >= ZERO && code <= NINE) {
        digits = digits * 10 + code - ZERO
        parts *= 10
      } else if (code === POINT && parts === 0 && at > from) parts = 1
      else plain = false
    }
    // Up to 15 digits and their power of ten are exact, and so is the nearest number to their quotient.
    if (plain && at - from <= 15 && value.charCodeAt(at - 1) !== POINT)
      found.push(parts === 0 ? digits : digits / parts)
    else found.push(number(value.slice(from, at)))
  }
  return found
}

/** Whether a field of flags has another sign than 0 and blanks. */
export function isRaised(value: unknown): boolean {
  if (typeof value !== "string") return false
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at)
    if (code !== ZERO && code !== SPACE) return true
  }
  return false
}

/** How many values a field has. */
export function countWords(value: unknown): number {
  if (typeof value !== "string") return 0
  let counted = 0
  let inWord = false
  for (let at = 0; at < value.length; at += 1) {
    const word = value.charCodeAt(at) > 32
    if (word && !inWord) counted += 1
    inWord = word
  }
  return counted
}

/** A row of chips: how many it has, how many tell something other than 0, and the least of these. */
export type ChipRow = { all: number; nonZero: number; min: number | null }

/** Reads whole numbers without taking the row apart; any other value counts as one that tells something. Null: no row. */
export function readChips(value: unknown): ChipRow | null {
  if (typeof value !== "string") return null
  const { length } = value
  let all = 0
  let nonZero = 0
  let min = Number.POSITIVE_INFINITY
  for (let at = 0; at < length; at += 1) {
    let code = value.charCodeAt(at)
    if (code <= SPACE) continue
    let reading = 0
    let plain = true
    do {
      if (code >= ZERO && code <= NINE) reading = reading * 10 + code - ZERO
      else plain = false
      at += 1
      code = at < length ? value.charCodeAt(at) : SPACE
    } while (code > SPACE)
    all += 1
    if (reading > 0) {
      nonZero += 1
      if (plain && reading < min) min = reading
    }
  }
  if (all === 0) return null
  return { all, nonZero, min: min < 200 ? min : null }
}

/** The temperatures of a chip row, null where a chip tells none. */
export function chipTemps(value: unknown): (number | null)[] {
  return words(value, 1_024).map(tempC)
}
