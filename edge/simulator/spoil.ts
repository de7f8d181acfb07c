import type { FaultKind } from "./faults.ts"
import type { SimulatedMiner } from "./miner.ts"
import { hash32, seedOf, unit } from "./random.ts"

/** What a fault makes of the content of an answer: the same for every transport. */
type Spoil = (text: string, seed: number) => string

const spoils: Partial<Record<FaultKind, Spoil>> = {
  "wrong-types": (text, seed) => reshaped(text, seed, wrongType),
  "missing-keys": (text, seed) => reshaped(text, seed, () => undefined),
  "huge-numbers": (text, seed) =>
    reshaped(text, seed, (value, chance) =>
      typeof value === "number" ? (chance < 0.5 ? 1e300 : -1e300) : value,
    ),
  nan: (text, seed) => withBareWords(text, seed),
}

/** The answer as this machine's faults have it: nonsense, other types, members missing, bare nan, other bytes. */
export function spoiled(miner: SimulatedMiner, bytes: Buffer): Buffer {
  if (miner.hasFault("garbage")) return garble(bytes)
  let text: string | null = null
  for (const kind of miner.faults) {
    const spoil = spoils[kind]
    if (spoil) text = spoil(text ?? bytes.toString("utf8"), hash32(miner.seed, seedOf(kind)))
  }
  const out = text === null ? bytes : Buffer.from(text)
  return miner.hasFault("wrong-encoding") ? miscoded(out) : out
}

/** Bytes like those of another protocol on the same port: never JSON, never the text form. */
export function garble(bytes: Buffer): Buffer {
  const out = Buffer.alloc(Math.max(64, Math.min(bytes.length, 512)))
  for (let i = 0; i < out.length; i++) out[i] = 0x80 | ((i * 73 + (bytes[i % bytes.length] ?? 0)) & 0x7f)
  out.set([0x16, 0x03, 0x01, 0x02])
  return out
}

/** Each third value inside is put through `change`; STATUS stays, or nobody would read on. */
function reshaped(text: string, seed: number, change: (value: unknown, chance: number) => unknown): string {
  const nul = text.endsWith("\0")
  let at = 0
  const walk = (value: unknown, key: string): unknown => {
    if (key === "STATUS") return value
    if (Array.isArray(value)) return value.map((each) => walk(each, ""))
    if (typeof value === "object" && value !== null) {
      const kept = Object.entries(value).map(([name, each]) => [name, walk(each, name)] as const)
      return Object.fromEntries(kept.filter(([, each]) => each !== undefined))
    }
    at += 1
    return unit(seed, at) < 1 / 3 ? change(value, unit(seed, at + 0x10000)) : value
  }
  try {
    return JSON.stringify(walk(JSON.parse(nul ? text.slice(0, -1) : text), "")) + (nul ? "\0" : "")
  } catch {
    return text // a page, or the text form: it has no types
  }
}

const ODD: readonly unknown[] = [null, "", "N/A", [], {}, true, -1, "0-0-0-0", [[]], "x"]
function wrongType(value: unknown, chance: number): unknown {
  if (typeof value === "number" && chance < 0.3) return String(value)
  return ODD[Math.floor(chance * ODD.length)]
}

/** bmminer divides by zero and prints what comes of it. */
function withBareWords(text: string, seed: number): string {
  let at = 0
  return text.replace(/(:\s*)-?\d+(?:\.\d+)?(?=[,}\]])/g, (whole, before: string) => {
    at += 1
    return unit(seed, at) < 0.25 ? `${before}${at % 2 === 0 ? "nan" : "-inf"}` : whole
  })
}

/** Bytes that are no UTF-8 in the middle of its texts, as Avalon's DNA and some pool users bring them. */
function miscoded(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf('":"'); at >= 0; at = bytes.indexOf('":"', at + 1)) {
    parts.push(bytes.subarray(from, at + 3), Buffer.from([0xff, 0xc3, 0x28]))
    from = at + 3
  }
  return Buffer.concat([...parts, bytes.subarray(from)])
}
