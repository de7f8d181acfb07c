import { createCipheriv, createDecipheriv, createHash } from "node:crypto"
import type { SimulatedMiner } from "../../miner.ts"
import { hex } from "../../random.ts"
import { md5Password } from "./md5-password.ts"

/** The encrypted API of v1 and v2: tokens, and the envelope that a command and its answer travel in. */
const SLOTS = 32
const LIFE_S = 1_800
const MEMORY = "whatsminer tokens"
export const FACTORY_PASSWORD = "admin"

type Token = { time: string; newsalt: string; untilS: number }
type Live = { aesKey: Buffer; sign: string }

function slotsOf(miner: SimulatedMiner): Token[] {
  const kept = (miner.memory.get(MEMORY) as Token[] | undefined) ?? []
  const live = kept.filter(({ untilS }) => untilS > miner.nowS())
  miner.memory.set(MEMORY, live)
  return live
}

const saltOf = (miner: SimulatedMiner) => hex(miner.seed, 230, 8)

/** Null: all slots of the caller are taken. */
export function giveToken(miner: SimulatedMiner): Record<string, string> | null {
  const slots = slotsOf(miner)
  if (slots.length >= SLOTS) return null
  const nowS = miner.nowS()
  const time = String(Math.floor(nowS) % 10_000).padStart(4, "0")
  const newsalt = hex(miner.seed ^ Math.floor(nowS), 240 + slots.length, 8)
  slots.push({ time, newsalt, untilS: nowS + LIFE_S })
  return { time, salt: saltOf(miner), newsalt }
}

export function forgetTokens(miner: SimulatedMiner): void {
  miner.memory.delete(MEMORY)
}

/** Signs are made anew from the password that is set now: a changed one makes all tokens worthless. */
function liveTokens(miner: SimulatedMiner): Live[] {
  const key = md5Password(miner.passwordOr(FACTORY_PASSWORD), saltOf(miner))
  const aesKey = createHash("sha256").update(key).digest()
  return slotsOf(miner).map(({ time, newsalt }) => ({ aesKey, sign: md5Password(key + time, newsalt) }))
}

export function isSigned(miner: SimulatedMiner, token: unknown): boolean {
  return liveTokens(miner).some(({ sign }) => sign === token)
}

export type Opened = { members: Record<string, unknown>; wrap: (answer: string) => string }

/** The command in an envelope, whose token is one of ours; null: it cannot be opened with any. */
export function openEnvelope(miner: SimulatedMiner, data: unknown): Opened | null {
  if (typeof data !== "string") return null
  const bytes = Buffer.from(data, "base64")
  if (bytes.length === 0 || bytes.length % 16 !== 0) return null
  for (const { aesKey, sign } of liveTokens(miner)) {
    const members = readPlain(aesKey, bytes)
    if (members?.token === sign) return { members, wrap: (answer) => wrapped(aesKey, answer) }
  }
  return null
}

function readPlain(aesKey: Buffer, bytes: Buffer): Record<string, unknown> | null {
  const cipher = createDecipheriv("aes-256-ecb", aesKey, null)
  cipher.setAutoPadding(false)
  const text = Buffer.concat([cipher.update(bytes), cipher.final()])
    .toString("utf8")
    .replace(/\0+$/, "")
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function wrapped(aesKey: Buffer, answer: string): string {
  const plain = Buffer.from(answer)
  const cipher = createCipheriv("aes-256-ecb", aesKey, null)
  cipher.setAutoPadding(false)
  const padding = Buffer.alloc((16 - (plain.length % 16)) % 16)
  const enc = Buffer.concat([cipher.update(Buffer.concat([plain, padding])), cipher.final()])
  return JSON.stringify({ enc: enc.toString("base64") })
}
