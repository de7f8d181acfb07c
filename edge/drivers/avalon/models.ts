import { text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"

/** Boards, chips a board and fans by model, from the model catalogue of the protocol papers. */
export type ModelFacts = { boards: number; chips: number; fans: number }

const CATALOGUE: Readonly<Record<string, readonly [boards: number, chips: number, fans: number]>> = {
  "721": [4, 18, 1],
  "741": [4, 22, 1],
  "761": [4, 18, 1],
  "821": [4, 26, 1],
  "841": [4, 26, 1],
  "851": [4, 26, 1],
  "921": [4, 26, 1],
  "1026": [3, 80, 2],
  "1047": [3, 80, 2],
  "1066": [3, 114, 4],
  "1126pro": [3, 120, 4],
  "1166pro": [3, 120, 4],
  "1246": [3, 120, 4],
  "1466": [3, 176, 2],
  "15": [3, 160, 2],
  "1566": [3, 160, 2],
  "1566ha": [4, 160, 0],
  "1566hu": [3, 160, 0],
  nano3: [1, 10, 1],
  nano3s: [1, 12, 1],
  q: [1, 160, 4],
}

/** Letters and digits of a name, without the series' A: `A1246` → `1246`, `Nano 3S` → `nano3s`, `HomeQ` → `q`. */
function plain(model: string): string {
  return model
    .toLowerCase()
    .replace(/^home\s*/, "")
    .replace(/[^a-z0-9-]/g, "")
    .replace(/^a(?=\d)/, "")
}

const REMEMBERED_MAX = 1_000
/** A floor has a handful of models, and every reading asks for theirs. */
const known = new Map<string, { facts: ModelFacts | null; generation: Generation }>()

function knownOf(model: string): { facts: ModelFacts | null; generation: Generation } {
  let found = known.get(model)
  if (found === undefined) {
    if (known.size >= REMEMBERED_MAX) known.clear()
    found = { facts: catalogued(model), generation: generationByName(model) }
    known.set(model, found)
  }
  return found
}

export const avalonFacts = (model: string | null): ModelFacts | null =>
  model === null ? null : knownOf(model).facts
export const generationOf = (model: string | null): Generation =>
  model === null ? "unknown" : knownOf(model).generation

/** `15-194`: of a family of rated outputs only the part before the dash is in the catalogue. */
function catalogued(model: string): ModelFacts | null {
  const name = plain(model)
  for (const key of [name.replaceAll("-", ""), name.split("-")[0]!]) {
    const row = Object.hasOwn(CATALOGUE, key) ? CATALOGUE[key]! : undefined
    if (row !== undefined) return { boards: row[0], chips: row[1], fans: row[2] }
  }
  return null
}

/**
 * What the firmware of a model has in common: `old` A7xx to A9xx; `a10` A10xx and A11xx; `a12` A12xx; `a13` A13xx;
 * `a14` A14xx, A15, A16 and what comes after; `q`, `nano3s` and the `home` models that set their mode on a page.
 */
export type Generation = "old" | "a10" | "a12" | "a13" | "a14" | "q" | "nano3s" | "home" | "unknown"

function generationByName(model: string): Generation {
  const name = plain(model).replaceAll("-", "")
  if (name === "q") return "q"
  if (name === "nano3s") return "nano3s"
  if (/^(?:nano|mini|q)/.test(name)) return "home"
  const digits = /^\d{2,4}/.exec(plain(model))?.[0] ?? ""
  if (digits.length === 3) return "old"
  const series = Number(digits.slice(0, 2))
  if (series >= 14) return "a14"
  if (series === 13) return "a13"
  if (series === 12) return "a12"
  return series >= 10 ? "a10" : "unknown"
}

export const isHome = (generation: Generation): boolean =>
  generation === "q" || generation === "nano3s" || generation === "home"

/** Product names that say nothing: then `MODEL` does. */
const EMPTY_NAME = /^(?:|0o|nano|15|16)$/i

/**
 * `AvalonMiner 1246` → `1246`, `Avalon Nano3s` → `Nano3s`, `AvalonMiner 15-194` → `15-194`; `MODEL` where the product
 * says nothing, else the beginning of the firmware's version (`1246-83-2107…`; `8411712-…` of an 841).
 */
export function modelOf(version: Row | null, mm: Row | null): string | null {
  const product = text(version?.PROD, 128)?.replace(/^avalon\s*(?:miner)?\s*/i, "") ?? ""
  const given = text(version?.MODEL, 128)?.replace(/^avalon\s*(?:miner)?\s*/i, "") ?? ""
  const name = EMPTY_NAME.test(product) ? given || product : product
  if (name !== "") return shortened(name)
  const parts = text(mm?.Ver, 128)?.split("-") ?? []
  const first = parts[0] ?? ""
  if (first === "") return null
  const dated = /^([789]\d\d)\d{4}$/.exec(first)?.[1]
  return dated ?? (/^1[5-9]$/.test(first) && parts[1] ? `${first}-${parts[1]}` : first)
}

/** `1246-83` → `1246`; a name of two digits is nothing without what follows. */
function shortened(name: string): string {
  return /^A?\d{3,4}[a-z]*-/i.test(name) ? name.split("-")[0]! : name
}
