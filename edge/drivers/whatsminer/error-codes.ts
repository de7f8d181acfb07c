import { CHIP_ADVICE, CHIP_MEANINGS, CODE_ROWS, SUBSTANDARD, SUBSTANDARD_ADVICE } from "./error-table.ts"

type Found = readonly [meaning: string, whatToDo: string]

/** By code, and by group: filled once, so that a floor of machines is decoded by look-ups. */
const EXACT = new Map<string, Found>()
for (const [codes, meaning, advice] of CODE_ROWS) {
  for (const [code, slot] of codesOf(codes)) {
    if (EXACT.has(code)) continue
    EXACT.set(code, [slot === null ? meaning : meaning.replace(" n:", ` ${slot}:`), advice])
  }
}

function codesOf(codes: string): [code: string, slot: string | null][] {
  if (codes.endsWith("n"))
    return Array.from("0123456789", (slot) => [codes.slice(0, -1) + slot, slot] as [string, string])
  const [from = 0, to = from] = codes.split("-").map(Number)
  return Array.from({ length: to - from + 1 }, (_, at) => [String(from + at), null])
}

/** What a code means and what to do about it, in words; an unknown code says so. */
export function errorMeaning(code: string): string {
  const found = EXACT.get(code) ?? chip(code) ?? substandard(code)
  return found === null
    ? `Error ${code}, which this release does not know. Look it up at the vendor.`
    : `${found[0]}. ${found[1]}`
}

/** Four digits: type, slot, chip; six: type, slot, three digits of the chip. Six that begin with 1 are something else. */
function chip(code: string): Found | null {
  const match = /^(5[2-6])(\d)(\d|\d{3})$/.exec(code)
  const meaning = match === null ? undefined : CHIP_MEANINGS[match[1]!]
  return match === null || meaning === undefined
    ? null
    : [`Board ${match[2]}, chip ${Number(match[3])}: ${meaning}`, CHIP_ADVICE]
}

function substandard(code: string): Found | null {
  const match = /^85(\d)([0-4])$/.exec(code)
  return match === null
    ? null
    : [`${SUBSTANDARD[Number(match[2])]} below performance level ${match[1]}`, SUBSTANDARD_ADVICE]
}
