import { type Repair, repairPasses, tokenize, write } from "./json-repairs.ts"

export type { Repair } from "./json-repairs.ts"

/**
 * `repairs` names what had to be mended, in the order it was. `truncated`: the end of the text was missing and was
 * made up by closing what was open, or the miner itself says so (`"id":0`): good for a log, never for a sample.
 */
export type LenientJson =
  | { ok: true; value: unknown; repairs: Repair[]; truncated: boolean }
  | { ok: false; repairs: Repair[] }

/** Above this a broken text is given up: a repaired reply of that size was never seen. */
const MAX_TOKENS = 200_000

/**
 * Parses JSON as miners write it. Strict first; then the repairs of the quirk catalogue, one after the other
 * outside string literals, each followed by another strict try. Never throws.
 */
export function parseLenientJson(text: string): LenientJson {
  const parted = commasBetweenObjects(text)
  const repaired = parted === null ? undefined : strictParse(parted)
  if (repaired !== undefined)
    return { ok: true, value: repaired, repairs: ["missing-commas"], truncated: isMarkedTruncated(repaired) }
  const strict = strictParse(text)
  if (strict !== undefined)
    return { ok: true, value: strict, repairs: [], truncated: isMarkedTruncated(strict) }
  const repairs: Repair[] = []
  let tokens = tokenize(text, MAX_TOKENS)
  if (tokens === null) return { ok: false, repairs }
  for (const { name, mend } of repairPasses) {
    const mended = mend(tokens, text)
    if (mended === null) continue
    tokens = mended
    repairs.push(name)
    const value = strictParse(write(tokens))
    if (value === undefined) continue
    const truncated = name === "truncated" || isMarkedTruncated(value)
    return { ok: true, value, repairs, truncated }
  }
  return { ok: false, repairs }
}

const QUOTE = 34
const BACKSLASH = 92
const CLOSING = 125

/**
 * The commonest defect, `}{` (statistics of bmminer and its kin), mended without tokens and before the first try: no
 * JSON has it outside of texts. Null: there is none.
 */
function commasBetweenObjects(text: string): string | null {
  if (!text.includes("}{")) return null
  let out = ""
  let from = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) quoted = !quoted
    else if (quoted && code === BACKSLASH) at += 1
    else if (!quoted && code === CLOSING && text[at + 1] === "{") {
      out += `${text.slice(from, at + 1)},`
      from = at + 1
    }
  }
  return from === 0 ? null : out + text.slice(from)
}

function strictParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // not JSON: the caller goes on with repairs
  }
}

function isMarkedTruncated(value: unknown): boolean {
  return typeof value === "object" && value !== null && "id" in value && value.id === 0
}
