import { createHash } from "node:crypto"
import type { Credentials } from "../driver.ts"

const WAIT_MS = 3_600_000
const MAX_ENTRIES = 20_000
/** When a login may be tried again. */
const until = new Map<string, number>()

/** Proofs of the logins in use: a login is presented with every request, and a hash each time would be half of its cost. */
const proofs = new WeakMap<Credentials, Credentials & { proof: string }>()

/** Names one login at one address without holding its password. */
export function loginKey(host: string, port: number, login: Credentials): string {
  return `${host}:${port} ${proofOf(login)}`
}

function proofOf(login: Credentials): string {
  const { username, password } = login
  const kept = proofs.get(login)
  if (kept?.username === username && kept.password === password) return kept.proof
  const proof = createHash("sha256").update(`${username}\0${password}`).digest("base64").slice(0, 16)
  proofs.set(login, { username, password, proof })
  return proof
}

/** The same as `isLoginRefused` of its key, which is not even made while no login at all was refused. */
export function isRefusedHere(host: string, port: number, login: Credentials, nowMs: number): boolean {
  return until.size > 0 && isLoginRefused(loginKey(host, port, login), nowMs)
}

/** A login that was refused is left alone for an hour: miners lock out, and the log of a farm is not to be sprayed. */
export function isLoginRefused(key: string, nowMs: number): boolean {
  const at = until.get(key)
  if (at === undefined) return false
  if (nowMs < at) return true
  until.delete(key)
  return false
}

export function rememberRefusedLogin(key: string, nowMs: number): void {
  if (until.size >= MAX_ENTRIES) until.delete(until.keys().next().value!)
  until.set(key, nowMs + WAIT_MS)
}

/** For a person who says *try again now*. Without an address, forgets all. */
export function forgetRefusedLogins(host?: string): void {
  for (const key of [...until.keys()]) if (host === undefined || key.startsWith(`${host}:`)) until.delete(key)
}
