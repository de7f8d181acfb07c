import type {
  ActOutcome,
  Credentials,
  Driver,
  DriverAction,
  DriverContext,
  Identity,
} from "#edge/drivers/driver.ts"
import { fault } from "#server/contract/driver-faults.ts"
import type { IdentityMap } from "../poll/identity-map.ts"
import type { Drivers } from "../ports.ts"
import type { Logins, Met, Whom } from "./logins.ts"

type SetLogin = Extract<DriverAction, { type: "SET_LOGIN" }>

/**
 * The drivers as everything in the collector asks them: each question carries the login of the machine that is filed at
 * its address, and what became of it is noted. A change of a login is on disk before it leaves.
 */
export function driversWithLogins(
  drivers: Drivers,
  options: { logins: Logins; identities: Pick<IdentityMap, "at"> },
): Drivers {
  const { logins, identities } = options
  const wrapped = new WeakMap<Driver, Driver>()

  const ask = async <T extends { ok: boolean }>(
    context: DriverContext,
    family: string | null,
    asked: Met["asked"],
    run: (context: DriverContext, whom: Whom) => Promise<T>,
  ): Promise<T> => {
    const { address } = context
    const minerId = identities.at(address)?.minerId ?? null
    const met: Met = { asked, refused: [], accepted: false, whole: false, ok: false }
    try {
      const outcome = await run(
        {
          ...context,
          credentials: logins.of(minerId, family),
          credentialsFor: (found) => logins.of(minerId, found),
          loginRefused: (username) => void met.refused.push(username),
          loginAccepted: () => {
            met.accepted = true
          },
        },
        { minerId, address },
      )
      met.ok = outcome.ok
      met.whole = needsLogin(outcome)
      return outcome
    } finally {
      logins.met({ minerId, address }, met)
    }
  }

  const setLogin = (driver: Driver, context: DriverContext, identity: Identity, action: SetLogin) =>
    ask<ActOutcome>(context, identity.family, "change", async (asked, { minerId }) => {
      if (minerId === null)
        return { ...fault("busy", "The collector has not filed this machine yet."), sent: false }
      const { username, password } = action.parameters
      const user = username ?? asked.credentials?.username ?? driver.factoryUser ?? ""
      const next = { username: user, password }
      logins.beginChange(minerId, next)
      const outcome = await driver.act(asked, identity, action)
      if (outcome.ok) {
        const login = { username: outcome.value.username ?? next.username, password }
        logins.changed(minerId, login)
        return withUsername(outcome, login)
      }
      if (!outcome.sent) logins.notChanged(minerId, next)
      return outcome
    })

  const wrap = (driver: Driver): Driver => {
    const { backup, look } = driver
    return {
      ...driver,
      identify: (context, seen) =>
        ask(context, driver.family, "identify", (asked) => driver.identify(asked, seen)),
      read: (context, identity) =>
        ask(context, identity.family, "read", (asked) => driver.read(asked, identity)),
      act: (context, identity, action) =>
        action.type === "SET_LOGIN"
          ? setLogin(driver, context, identity, action)
          : ask(context, identity.family, "act", (asked) => driver.act(asked, identity, action)),
      ...(backup && {
        backup: (context, identity) =>
          ask(context, identity.family, "act", (asked) => backup(asked, identity)),
      }),
      ...(look && {
        look: (context, before, action) =>
          ask(context, before.family, "act", (asked) => look(asked, before, action)),
      }),
    }
  }
  return {
    identify: (context, family) =>
      ask(context, family, "identify", (asked) => drivers.identify(asked, family)),
    driverOf: (family) => {
      const driver = drivers.driverOf(family)
      if (driver === null) return null
      const known = wrapped.get(driver) ?? wrap(driver)
      wrapped.set(driver, known)
      return known
    },
  }
}

function needsLogin(outcome: { ok: boolean }): boolean {
  return !outcome.ok && (outcome as { fault?: { kind: string } }).fault?.kind === "auth"
}

/** The server stores the login under the user name that the result tells. */
function withUsername(outcome: ActOutcome & { ok: true }, { username }: Credentials): ActOutcome {
  return { ok: true, value: { ...outcome.value, after: { ...outcome.value.after, username } } }
}
