import { forgetRefusedLogins } from "#edge/drivers/transport/refused-logins.ts"
import type { IdentityMap } from "../poll/identity-map.ts"

/** A machine that is always being asked, or is polled no more, is given up after this many heartbeats. */
const TRIES_MAX = 30

/** Machines whose login has changed are asked once more at once, or as soon as they are not being asked already. */
export type TryAgain = {
  add: (minerId: string) => void
  /** Called with every heartbeat. */
  goOn: () => void
}

export function createTryAgain(options: {
  identities: Pick<IdentityMap, "byId">
  /** Asks who is there and reads; false: it is being asked just now. */
  tryLogin: (minerId: string) => boolean
}): TryAgain {
  const waiting = new Map<string, number>()
  const attempt = (minerId: string) => {
    const host = options.identities.byId(minerId)?.address?.host
    if (host !== undefined) forgetRefusedLogins(host)
    const tries = (waiting.get(minerId) ?? 0) + 1
    if (host === undefined || options.tryLogin(minerId) || tries >= TRIES_MAX) waiting.delete(minerId)
    else waiting.set(minerId, tries)
  }
  return {
    add: attempt,
    goOn: () => {
      for (const minerId of [...waiting.keys()]) attempt(minerId)
    },
  }
}
