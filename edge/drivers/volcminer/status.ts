import { parseLenientJson } from "../transport/lenient-json.ts"
import type { Row } from "../transport/reply.ts"

/**
 * `get_miner_status.cgi` is often no JSON (`"temp":[45,temp5=0]`, a message of an error where a fan's speed should stand).
 * So its parts are cut out by matching brackets, each read for itself. Null: there is no summary in it.
 */
export type MinerStatus = { summary: Row; pools: Row[]; devs: Row[]; fans: string[] }

const MAX_CHARS = 200_000

export function minerStatus(raw: string): MinerStatus | null {
  const text = raw.slice(0, MAX_CHARS)
  const summary = objectOf(part(text, "summary", "{"))
  if (summary === null) return null
  const pools = parsed(part(text, "pools", "["))
  return {
    summary,
    pools: Array.isArray(pools) ? pools.filter(isRow) : [],
    devs: objectsIn(part(text, "devs", "[") ?? "").map(looseMembers),
    fans: [1, 2, 3, 4].flatMap((n) => textMember(text, `fan${n}`) ?? []),
  }
}

const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value)

function parsed(text: string | null): unknown {
  const outcome = text === null ? null : parseLenientJson(text)
  return outcome?.ok === true && !outcome.truncated ? outcome.value : null
}

function objectOf(text: string | null): Row | null {
  const value = parsed(text)
  return isRow(value) ? value : null
}

/** What stands in brackets behind `"key":`, these included. */
function part(text: string, key: string, open: "{" | "["): string | null {
  const named = text.indexOf(`"${key}"`)
  if (named < 0) return null
  const after = named + key.length + 2
  const start = text.indexOf(open, after)
  // The bracket follows at once, or it belongs to another member.
  if (start < 0 || text.slice(after, start).replace(/[\s:]/g, "") !== "") return null
  const end = closing(text, start)
  return end === null ? null : text.slice(start, end)
}

/** Where the bracket that opens at `start` is closed, texts skipped. */
function closing(text: string, start: number): number | null {
  const open = text[start]
  const close = open === "{" ? "}" : "]"
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') {
      at = text.indexOf('"', at + 1)
      if (at < 0) return null
    } else if (char === open) depth += 1
    else if (char === close) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return null
}

function objectsIn(text: string): string[] {
  const found: string[] = []
  for (let at = text.indexOf("{"); at >= 0 && found.length < 16; ) {
    const end = closing(text, at)
    if (end === null) break
    found.push(text.slice(at, end))
    at = text.indexOf("{", end)
  }
  return found
}

/** Texts, figures, and the first of a list, whatever else stands in it. */
function looseMembers(text: string): Row {
  const row: Row = {}
  for (const [, key, quoted, first, bare] of text.matchAll(
    /"([\w ]{1,32})"\s*:\s*(?:"([^"]{0,512})"|"?\[\s*"?([^",\]]{0,32})|([-\d.,]{1,24}))/g,
  ))
    row[key!] = quoted?.startsWith("[") ? quoted.slice(1).split(",")[0] : (quoted ?? first ?? bare)
  return row
}

function textMember(text: string, key: string): string | null {
  const found = new RegExp(`"${key}"\\s*:\\s*(?:"([^"]{0,128})"|([-\\d.]{1,16}))`).exec(text)
  return found === null ? null : (found[1] ?? found[2] ?? null)
}
