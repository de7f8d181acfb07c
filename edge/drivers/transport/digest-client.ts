import type { Credentials } from "../driver.ts"
import {
  answersTo,
  authorization,
  type DigestAnswers,
  type DigestChallenge,
  parseChallenge,
} from "./digest-auth.ts"
import { type HttpAnswer, type HttpRequest, type HttpTarget, requestHttp } from "./http-client.ts"

const NONCES_MAX = 20_000
/** Challenges by `host:port user`, reused with a rising count: it halves the requests. Oldest out first. */
const nonces = new Map<string, Nonce>()
type Nonce = { challenge: DigestChallenge; uses: number; answers?: DigestAnswers }

export type DigestOptions = {
  /** Credentials go only to a server whose realm looks like this. */
  realm?: RegExp
}

/**
 * An HTTP request with digest authentication. A reused nonce that is refused is renewed once; a refusal on a fresh
 * one is the answer (status 401). A read that ends without a response is repeated once on a fresh socket, a write
 * never. Never throws.
 */
export async function requestDigest(
  target: HttpTarget,
  credentials: Credentials,
  request: HttpRequest,
  options: DigestOptions = {},
): Promise<HttpAnswer> {
  const key = `${target.host}:${target.port} ${credentials.username}`
  const kept = nonces.get(key)
  const first = await send(target, request, () =>
    kept ? authorized(request, credentials, key, kept) : request,
  )
  if (!first.ok || first.status !== 401) return first
  const challenge = parseChallenge(header(first))
  if (challenge === null) return first
  if (options.realm && !options.realm.test(challenge.realm)) return first
  const fresh: Nonce = { challenge, uses: 0 }
  remember(key, fresh)
  const second = await send(target, request, () => authorized(request, credentials, key, fresh))
  if (!second.ok || second.status !== 401) return second
  nonces.delete(key)
  const again = parseChallenge(header(second))
  if (again?.stale !== true) return second
  const renewed: Nonce = { challenge: again, uses: 0 }
  remember(key, renewed)
  return send(target, request, () => authorized(request, credentials, key, renewed))
}

function header(answer: HttpAnswer): string | undefined {
  return answer.ok ? answer.headers["www-authenticate"] : undefined
}

function remember(key: string, nonce: Nonce): void {
  nonces.delete(key)
  if (nonces.size >= NONCES_MAX) nonces.delete(nonces.keys().next().value!)
  nonces.set(key, nonce)
}

function authorized(request: HttpRequest, credentials: Credentials, key: string, nonce: Nonce): HttpRequest {
  nonce.uses += 1
  if (nonces.get(key) !== nonce) remember(key, nonce)
  const { username, password } = credentials
  const kept = nonce.answers
  const answers =
    kept?.username === username && kept.password === password ? kept : answersTo(nonce.challenge, credentials)
  nonce.answers = answers
  const Authorization = authorization(answers, request.method, request.path, nonce.uses)
  return { ...request, headers: { ...request.headers, Authorization } }
}

/** A repeated read counts the nonce once more: the server may have seen the first. */
async function send(
  target: HttpTarget,
  request: HttpRequest,
  signed: () => HttpRequest,
): Promise<HttpAnswer> {
  const answer = await requestHttp(target, signed())
  if (answer.ok || !answer.dropped || request.fresh === true || request.method !== "GET") return answer
  return requestHttp(target, { ...signed(), fresh: true })
}
