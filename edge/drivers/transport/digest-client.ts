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

/**
 * An HTTP request with digest authentication, whose login goes only to a server of such a `realm`: a kept challenge
 * of another realm is not answered either, nor one that comes with a refusal. A reused nonce that is refused is renewed once; a refusal on a fresh one is the answer (status 401). A read that ends without a response
 * is repeated once on a fresh socket, a write never. Never throws.
 */
export async function requestDigest(
  target: HttpTarget,
  credentials: Credentials,
  request: HttpRequest,
  realm?: RegExp,
): Promise<HttpAnswer> {
  const key = `${target.host}:${target.port} ${credentials.username}`
  const isFor = (challenge: DigestChallenge) => realm === undefined || realm.test(challenge.realm)
  const kept = nonces.get(key)
  const first = await send(target, credentials, request, kept && isFor(kept.challenge) ? kept : null)
  if (!first.ok || first.status !== 401) return first
  const challenge = parseChallenge(header(first))
  if (challenge === null || !isFor(challenge)) return first
  const fresh: Nonce = { challenge, uses: 0 }
  remember(key, fresh)
  const second = await send(target, credentials, request, fresh)
  if (!second.ok || second.status !== 401) return second
  nonces.delete(key)
  const again = parseChallenge(header(second))
  if (again?.stale !== true || !isFor(again)) return second
  const renewed: Nonce = { challenge: again, uses: 0 }
  remember(key, renewed)
  return send(target, credentials, request, renewed)
}

function header(answer: HttpAnswer): string | undefined {
  return answer.ok ? answer.headers["www-authenticate"] : undefined
}

function remember(key: string, nonce: Nonce): void {
  nonces.delete(key)
  if (nonces.size >= NONCES_MAX) nonces.delete(nonces.keys().next().value!)
  nonces.set(key, nonce)
}

function authorized(request: HttpRequest, credentials: Credentials, nonce: Nonce): HttpRequest {
  nonce.uses += 1
  const { username, password } = credentials
  const kept = nonce.answers
  const answers =
    kept?.username === username && kept.password === password ? kept : answersTo(nonce.challenge, credentials)
  nonce.answers = answers
  const Authorization = authorization(answers, request.method, request.path, nonce.uses)
  return { ...request, headers: { ...request.headers, Authorization } }
}

/** A repeated read counts the nonce once more: the server may have seen the first. */
function send(
  target: HttpTarget,
  credentials: Credentials,
  request: HttpRequest,
  nonce: Nonce | null,
): Promise<HttpAnswer> {
  const sent = requestHttp(target, nonce === null ? request : authorized(request, credentials, nonce))
  if (request.fresh === true || request.method !== "GET") return sent
  return sent.then((answer) => {
    if (answer.ok || !answer.dropped) return answer
    const again = nonce === null ? request : authorized(request, credentials, nonce)
    return requestHttp(target, { ...again, fresh: true })
  })
}
