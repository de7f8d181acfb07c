import { createHash, randomBytes } from "node:crypto"
import { html, type WebAnswer, type WebRequest } from "./door.ts"
import type { SimulatedMiner } from "./miner.ts"

/** The server side of HTTP Digest (MD5, qop auth), as the miners' lighttpd does it. */
const NONCE_LIFE_MS = 300_000
const NONCES_KEPT = 8

type Nonce = { value: string; bornMs: number; highestNc: number; seen: number }
export type DigestVerdict = "ok" | "challenge" | "stale" | "wrong"

export function digestResponse(of: {
  user: string
  password: string
  realm: string
  method: string
  uri: string
  nonce: string
  nc: string
  cnonce: string
}): string {
  const md5 = (text: string) => createHash("md5").update(text).digest("hex")
  const ha1 = md5(`${of.user}:${of.realm}:${of.password}`)
  const ha2 = md5(`${of.method}:${of.uri}`)
  return md5(`${ha1}:${of.nonce}:${of.nc}:${of.cnonce}:auth:${ha2}`)
}

/** One machine's challenges. A counter that was used before is refused as stale, whoever sends it. */
export class DigestGuard {
  readonly #realm: string
  readonly #user: string
  #nonces: Nonce[] = []

  constructor(realm: string, user: string) {
    this.#realm = realm
    this.#user = user
  }

  challenge(nowMs: number, stale: boolean): string {
    const nonce = { value: randomBytes(16).toString("hex"), bornMs: nowMs, highestNc: 0, seen: 0 }
    this.#nonces = [...this.#nonces.slice(1 - NONCES_KEPT), nonce]
    return `Digest realm="${this.#realm}", nonce="${nonce.value}", qop="auth"${stale ? ", stale=true" : ""}`
  }

  check(
    header: string | undefined,
    request: { method: string; uri: string },
    password: string,
    nowMs: number,
  ): DigestVerdict {
    if (!header?.toLowerCase().startsWith("digest ")) return "challenge"
    const given = parseParameters(header.slice(7))
    if (given.realm !== this.#realm || given.username !== this.#user || given.uri !== request.uri)
      return "wrong"
    if (given.qop !== "auth" || !/^[0-9a-f]{8}$/i.test(given.nc ?? "") || !given.cnonce) return "wrong"
    const nonce = this.#nonces.find((known) => known.value === given.nonce)
    if (!nonce || nowMs - nonce.bornMs > NONCE_LIFE_MS) return "stale"
    const expected = digestResponse({
      user: this.#user,
      password,
      realm: this.#realm,
      method: request.method,
      uri: request.uri,
      nonce: nonce.value,
      nc: given.nc!,
      cnonce: given.cnonce,
    })
    if (given.response?.toLowerCase() !== expected) return "wrong"
    return accept(nonce, Number.parseInt(given.nc!, 16)) ? "ok" : "stale"
  }
}

const guards = new WeakMap<SimulatedMiner, DigestGuard>()

/** Null: the caller is admitted. Else the challenge to answer with, as a machine of this realm words it. */
export function digestRefusal(
  miner: SimulatedMiner,
  request: WebRequest,
  login: { realm: string; user: string; password: string },
): WebAnswer | null {
  const guard = guards.get(miner) ?? new DigestGuard(login.realm, login.user)
  guards.set(miner, guard)
  const nowMs = miner.clock.nowMs()
  const asked = { method: request.method, uri: request.url }
  const password = miner.passwordOr(login.password)
  const verdict = guard.check(request.headers.authorization, asked, password, nowMs)
  if (verdict === "ok") return null
  const challenge = guard.challenge(nowMs, verdict === "stale")
  return {
    ...html("<html><body>401 - Unauthorized</body></html>", 401),
    headers: { "WWW-Authenticate": challenge },
  }
}

/** Parallel requests may arrive out of order: a window of 32 counters behind the highest. */
function accept(nonce: Nonce, nc: number): boolean {
  if (nc === 0) return false
  if (nc > nonce.highestNc) {
    const ahead = nc - nonce.highestNc
    nonce.seen = ahead >= 32 ? 1 : ((nonce.seen << ahead) | 1) >>> 0
    nonce.highestNc = nc
    return true
  }
  const behind = nonce.highestNc - nc
  if (behind >= 32 || (nonce.seen >>> behind) & 1) return false
  nonce.seen = (nonce.seen | (1 << behind)) >>> 0
  return true
}

function parseParameters(text: string): Record<string, string | undefined> {
  const found: Record<string, string> = {}
  for (const match of text.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g))
    found[match[1]!.toLowerCase()] = match[2] ?? match[3] ?? ""
  return found
}
