import { createHash, randomBytes } from "node:crypto"

/** What a server asked for in `WWW-Authenticate: Digest …`. */
export type DigestChallenge = {
  realm: string
  nonce: string
  opaque: string | null
  qop: "auth" | null
  hash: "md5" | "sha256"
  algorithm: string | null
  stale: boolean
}

/** Null when this is no digest challenge, or one that only asks for what is not supported here (auth-int, -sess). */
export function parseChallenge(header: string | undefined): DigestChallenge | null {
  if (header === undefined || header.length > 4096 || !/^\s*digest\s/i.test(header)) return null
  const fields = new Map<string, string>()
  for (const match of header.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g))
    fields.set(match[1]!.toLowerCase(), match[2]?.replace(/\\(.)/g, "$1") ?? match[3] ?? "")
  const nonce = fields.get("nonce")
  const algorithm = fields.get("algorithm") ?? null
  const hash = { md5: "md5", "sha-256": "sha256" }[algorithm?.toLowerCase() ?? "md5"] as
    | "md5"
    | "sha256"
    | undefined
  const offered = fields.get("qop")
  const qop = offered?.split(",").some((each) => each.trim() === "auth") ? "auth" : null
  if (nonce === undefined || hash === undefined || (offered !== undefined && qop === null)) return null
  return {
    realm: fields.get("realm") ?? "",
    nonce,
    opaque: fields.get("opaque") ?? null,
    qop,
    hash,
    algorithm,
    stale: fields.get("stale")?.toLowerCase() === "true",
  }
}

export type DigestRequest = {
  username: string
  password: string
  method: string
  uri: string
  /** How often this nonce has been used, this time included. */
  uses: number
  cnonce?: string
}

/** The `Authorization` header that answers a challenge (RFC 2617 and 7616). */
export function answerChallenge(challenge: DigestChallenge, request: DigestRequest): string {
  const { realm, nonce, qop } = challenge
  const digest = (text: string) => createHash(challenge.hash).update(text).digest("hex")
  const cnonce = request.cnonce ?? randomBytes(8).toString("hex")
  const nc = request.uses.toString(16).padStart(8, "0")
  const who = digest(`${request.username}:${realm}:${request.password}`)
  const what = digest(`${request.method}:${request.uri}`)
  const response = digest(
    qop === null ? `${who}:${nonce}:${what}` : `${who}:${nonce}:${nc}:${cnonce}:${qop}:${what}`,
  )
  const quoted = (value: string) => `"${value.replace(/["\\]/g, "\\$&")}"`
  const parts = [
    `username=${quoted(request.username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(request.uri)}`,
    `response="${response}"`,
  ]
  if (challenge.algorithm !== null) parts.push(`algorithm=${challenge.algorithm}`)
  if (qop !== null) parts.push(`qop=${qop}`, `nc=${nc}`, `cnonce="${cnonce}"`)
  if (challenge.opaque !== null) parts.push(`opaque=${quoted(challenge.opaque)}`)
  return `Digest ${parts.join(", ")}`
}
