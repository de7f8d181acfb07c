import type { Credentials, MinerAddress } from "#edge/drivers/driver.ts"
import type { EdgeConfig } from "#server/contract/edge.ts"
import {
  credentialChooser,
  type EdgeCredential,
  loginSecretSchema,
} from "#server/contract/miner-credentials.ts"
import type { Log } from "#server/log.ts"
import { openSealed, SEAL_PURPOSES, SealError } from "#server/sealed-box.ts"
import { addressKey } from "../poll/targets.ts"
import type { SealKeys } from "../state/edge-identity.ts"
import type { HeldCredential, LoginStore, OwnLogin } from "./login-store.ts"
import { createRefusals, type Refusals } from "./refusals.ts"

const CHANGE_SETTLES_MS = 10 * 60_000

/** A machine as far as it is filed: its id, or only where it answers. */
export type Whom = { minerId: string | null; address: MinerAddress }
/** What one ask of a machine met. `whole`: the ask as a whole failed for want of a login. */
export type Met = {
  asked: "read" | "identify" | "act" | "change"
  refused: string[]
  accepted: boolean
  whole: boolean
  ok: boolean
}

/**
 * The logins of this collector's machines. A login that SET_LOGIN gave goes first, then what the server assigned: the
 * machine's own, its family's, the site's. While nobody knows whether a change took effect both logins are kept, and the
 * first one that the machine takes stays.
 */
export type Logins = {
  /** `family` null: what the machine was last. */
  of: (minerId: string | null, family: string | null) => Credentials | null
  met: (whom: Whom, met: Met) => void
  /** Before a SET_LOGIN leaves: from then on the new login is on disk beside the present one. */
  beginChange: (minerId: string, next: Credentials) => void
  /** It is the machine's login now. */
  changed: (minerId: string, login: Credentials) => void
  /** It was not sent, or refused in so many words. */
  notChanged: (minerId: string, next: Credentials) => void
  /** The server's list; the machines whose refused login it changes, or that a person wants tried, are tried again. */
  take: (config: Pick<EdgeConfig, "credentials" | "login_retries">) => void
  refusals: Refusals
  /** Credentials that are sealed to another key. */
  unopened: () => { id: string; version: number }[]
}

export function createLogins(options: {
  store: LoginStore
  keys: SealKeys
  log: Log
  nowMs: () => number
  familyOf: (minerId: string) => string | null
  /** Forgets what was refused at an address and asks the machine anew. */
  tryAgain: (minerId: string) => void
  forgetAddress: (host: string) => void
  /** There is something to tell the server. */
  onNews: () => void
}): Logins {
  const { store, log } = options
  let held = new Map(store.credentials().map((one) => [one.id, one]))
  let choose = credentialChooser(held.values())
  const owns = store.owns()
  let unopened: { id: string; version: number }[] = []
  const retried = new Map<string, string>()
  const refusals = createRefusals(store, options.onNews)
  /** Of machines that are not filed yet, by address. */
  const strangers = new Map<string, string>()

  const of: Logins["of"] = (minerId, family) => {
    const own = minerId === null ? undefined : owns.get(minerId.toLowerCase())
    return own === undefined ? assigned(minerId, family) : (own.candidates[0] ?? null)
  }
  const assigned = (minerId: string | null, family: string | null) =>
    choose({ minerId, family: family ?? (minerId === null ? null : options.familyOf(minerId)) })?.login ??
    null
  const baseOf = (minerId: string) => {
    const own = choose({ minerId, family: null })
    return own?.scope === "miner" ? `${own.id} ${own.version}` : null
  }
  const keep = (minerId: string, own: OwnLogin | null) => {
    const key = minerId.toLowerCase()
    store.putOwn(key, own)
    if (own === null) owns.delete(key)
    else owns.set(key, own)
  }
  /** The machine took or refused a login while it was not clear which of several is its own. */
  const settle = (minerId: string, own: OwnLogin, taken: boolean) => {
    const [first = null, ...others] = own.candidates
    if (!taken) keep(minerId, { ...own, candidates: [...others, first] })
    // A change that was still on its way may come after the old login was taken once more.
    else if (options.nowMs() - own.beganMs > CHANGE_SETTLES_MS)
      keep(minerId, first === null ? null : { ...own, candidates: [first] })
  }

  const open = (sealed: EdgeCredential): HeldCredential | null => {
    const known = held.get(sealed.id)
    const { id, version, scope, family, miner_id, username } = sealed
    if (known?.version === version) return known
    try {
      const text = openSealed(options.keys.privateKey, SEAL_PURPOSES.login, sealed.sealed)
      const parsed = loginSecretSchema.safeParse(parseJson(text))
      if (!parsed.success) throw new SealError("the sealed text is not what it should be")
      const login = { username, password: parsed.data.passwords[0] as string }
      return { id, version, scope, family, miner_id, login }
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      unopened.push({ id, version })
      return null
    }
  }
  const replaceAll = (credentials: readonly EdgeCredential[]) => {
    unopened = []
    const next = new Map<string, HeldCredential>()
    for (const sealed of credentials) {
      const one = open(sealed)
      if (one !== null) next.set(one.id, one)
    }
    const changed = [...next.values()].filter((one) => held.get(one.id) !== one)
    const removed = [...held.keys()].filter((id) => !next.has(id))
    if (unopened.length > 0)
      log.error(
        { count: unopened.length },
        "logins are sealed to another key than this collector's: give them again",
      )
    if (changed.length === 0 && removed.length === 0) return
    store.putCredentials(changed, removed)
    held = next
    choose = credentialChooser(held.values())
    for (const [minerId, own] of owns) {
      const base = baseOf(minerId)
      if (own.base === base) continue
      // The server has what was set, or a person has said otherwise since; an open change still has to show.
      if (own.candidates.length === 1) keep(minerId, null)
      else keep(minerId, { ...own, base, candidates: withFirst(assigned(minerId, null), own.candidates) })
    }
    log.info(
      { held: held.size, changed: changed.length, removed: removed.length },
      "logins of machines taken",
    )
  }

  return {
    of,
    refusals,
    unopened: () => unopened,
    met: ({ minerId, address }, met) => {
      const at = addressKey(address)
      const refused = met.refused.length > 0 || (!met.accepted && met.whole)
      if (minerId === null) {
        if (met.accepted) strangers.delete(at)
        else if (refused) strangers.set(at, met.refused[0] ?? "")
        return
      }
      const stranger = strangers.get(at)
      strangers.delete(at)
      const own = owns.get(minerId.toLowerCase())
      const username = of(minerId, null)?.username ?? met.refused[0] ?? stranger ?? ""
      if (
        met.asked !== "change" &&
        own !== undefined &&
        own.candidates.length > 1 &&
        (met.accepted || refused)
      )
        settle(minerId, own, met.accepted && met.refused.length === 0)
      const by = met.whole && (met.asked === "read" || met.asked === "identify") ? met.asked : null
      if (met.accepted) refusals.end(minerId)
      else if (refused || stranger !== undefined)
        refusals.begin({ minerId, username, sinceMs: options.nowMs(), by })
      else if (met.ok) refusals.answered(minerId, met.asked)
    },
    beginChange: (minerId, next) => {
      const own = owns.get(minerId.toLowerCase())
      // The present one stays first: it is what the change is made with.
      const present = own?.candidates ?? [of(minerId, null)]
      const others = present.filter((one) => !same(one, next))
      const candidates = others.length > 0 ? [...others, next] : [next]
      keep(minerId, { base: own?.base ?? baseOf(minerId), beganMs: options.nowMs(), candidates })
    },
    changed: (minerId, login) => {
      keep(minerId, { base: baseOf(minerId), beganMs: options.nowMs(), candidates: [login] })
      refusals.end(minerId)
    },
    notChanged: (minerId, next) => {
      const own = owns.get(minerId.toLowerCase())
      if (own === undefined) return
      const left = own.candidates.filter((one) => !same(one, next))
      // What the server assigned needs no keeping here.
      const [only = null] = left
      const plain = left.length === 0 || (left.length === 1 && same(only, assigned(minerId, null)))
      keep(minerId, plain ? null : { ...own, candidates: left })
    },
    take: ({ credentials, login_retries = [] }) => {
      const waiting = refusals.waiting()
      const before = waiting.map((minerId) => JSON.stringify(of(minerId, null)))
      if (credentials !== undefined) {
        const count = held.size
        replaceAll(credentials)
        if (strangers.size > 0 && (held.size !== count || credentials.length > 0)) forgetStrangers()
      }
      waiting.forEach((minerId, n) => {
        if (JSON.stringify(of(minerId, null)) !== before[n]) options.tryAgain(minerId)
      })
      for (const { miner_id, at } of login_retries) {
        if (retried.get(miner_id) === at) continue
        retried.set(miner_id, at)
        options.tryAgain(miner_id)
      }
    },
  }

  function forgetStrangers(): void {
    for (const at of strangers.keys()) options.forgetAddress(at.slice(0, at.lastIndexOf(":")))
    strangers.clear()
  }
}

function same(a: Credentials | null, b: Credentials | null): boolean {
  return a?.username === b?.username && a?.password === b?.password
}

function withFirst(first: Credentials | null, others: readonly (Credentials | null)[]) {
  return [first, ...others.filter((one) => !same(one, first))]
}

/** Null when it is no JSON; the parser's message would quote the text, which is a secret. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
