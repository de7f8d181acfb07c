import { tempC } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"

/** Far more than any firmware writes; a reply of a megabyte of brackets ends here. */
const MAX_FIELDS = 4_096
const MAX_KEY_CHARS = 64

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

function keyBefore(text: string, end: number, from: number): string {
  let start = end
  const floor = Math.max(from, end - MAX_KEY_CHARS)
  while (start > floor && isKeyChar(text.charCodeAt(start - 1))) start -= 1
  return text.slice(start, end).trim()
}

/** Letters, digits, `_`, `%`, `-` and the space. */
function isKeyChar(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 32 ||
    code === 37 ||
    code === 45
  )
}

/** The values of a field, in its order; empty for a missing field. */
export function words(value: unknown, max = 64): string[] {
  if (typeof value !== "string") return []
  const trimmed = value.trim()
  return trimmed === "" ? [] : trimmed.split(/\s+/, max)
}

/** Of a long field, how many values it has and how many are not 0, without taking it apart; null for none. */
export function tally(value: unknown): { all: number; nonZero: number } | null {
  if (typeof value !== "string") return null
  let [all, nonZero] = [0, 0]
  let [inWord, counts] = [false, false]
  for (let at = 0; at <= value.length; at += 1) {
    const code = at < value.length ? value.charCodeAt(at) : 32
    if (code <= 32) {
      if (inWord) all += 1
      if (counts) nonZero += 1
      inWord = counts = false
      continue
    }
    inWord = true
    // 1 to 9: all else (0, a point, a sign, letters) is no reading of a chip.
    if (code >= 49 && code <= 57) counts = true
  }
  return all === 0 ? null : { all, nonZero }
}

/** The temperatures of a chip row, null where a chip tells none. */
export function chipTemps(value: unknown): (number | null)[] {
  return words(value, 1_024).map(tempC)
}
