import { hash, randomBytes } from "node:crypto"

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

/** What stays the same while one login answers one challenge: reckoned once, for a poll asks several pages. */
export type DigestAnswers = {
  username: string
  password: string
  challenge: DigestChallenge
  cnonce: string
  /** The hash over user, realm and password. */
  who: string
  begin: string
  end: string
}

export function answersTo(
  challenge: DigestChallenge,
  { username, password }: { username: string; password: string },
  cnonce = randomBytes(8).toString("hex"),
): DigestAnswers {
  const { realm, nonce, algorithm, opaque } = challenge
  return {
    username,
    password,
    challenge,
    cnonce,
    who: hash(challenge.hash, `${username}:${realm}:${password}`),
    begin: `Digest username=${quoted(username)}, realm=${quoted(realm)}, nonce=${quoted(nonce)}`,
    end:
      (algorithm === null ? "" : `, algorithm=${algorithm}`) +
      (opaque === null ? "" : `, opaque=${quoted(opaque)}`),
  }
}

/** The `Authorization` header (RFC 2617 and 7616). `uses`: how often this nonce has been used, this time included. */
export function authorization(answers: DigestAnswers, method: string, uri: string, uses: number): string {
  const { challenge, cnonce, who, begin, end } = answers
  const { nonce, qop } = challenge
  const what = whatOf(challenge, `${method}:${uri}`)
  if (qop === null) {
    const response = hash(challenge.hash, `${who}:${nonce}:${what}`)
    return `${begin}, uri=${quoted(uri)}, response="${response}"${end}`
  }
  const nc = uses.toString(16).padStart(8, "0")
  const response = hash(challenge.hash, `${who}:${nonce}:${nc}:${cnonce}:${qop}:${what}`)
  return `${begin}, uri=${quoted(uri)}, response="${response}", qop=${qop}, nc=${nc}, cnonce="${cnonce}"${end}`
}

const WHATS_MAX = 1_000
/** Hashes of the pages that are read at every poll. A path with a query may hold what is not to be kept. */
const whats = { md5: new Map<string, string>(), sha256: new Map<string, string>() }

function whatOf(challenge: DigestChallenge, asked: string): string {
  const kept = whats[challenge.hash].get(asked)
  if (kept !== undefined) return kept
  const what = hash(challenge.hash, asked)
  if (!asked.includes("?") && whats[challenge.hash].size < WHATS_MAX) whats[challenge.hash].set(asked, what)
  return what
}

function quoted(value: string): string {
  const plain = !value.includes('"') && !value.includes("\\")
  return plain ? `"${value}"` : `"${value.replace(/["\\]/g, "\\$&")}"`
}
