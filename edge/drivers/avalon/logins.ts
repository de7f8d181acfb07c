import type { Fault } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext, Identity } from "../driver.ts"
import { needsLogin } from "../transport/digest-web.ts"
import { isLoginRefused, loginKey, rememberRefusedLogin } from "../transport/refused-logins.ts"
import type { SentWrite } from "../verified-write.ts"
import { generationOf, isHome } from "./models.ts"

/** `setpool` and `password` carry a login, and say in words that it is wrong. */
const WRONG_LOGIN =
  /auth(?:entication)? ?failed|password invalid|invalid password|(?:user|password) (?:is )?wrong|wrong password/i

export const isWrongLogin = (sent: SentWrite): boolean =>
  sent.kind === "refused" && WRONG_LOGIN.test(sent.message)

/** Of the web interface: `root` on the A-series, `admin` on home models. */
export function factoryLogin({ model }: Identity): Credentials {
  return { username: isHome(generationOf(model)) ? "admin" : "root", password: "root" }
}

/**
 * Sends by the assigned login, else by the family's one default, each unless it was refused within the hour. A write that
 * the machine turned away for its login did not run, so the next may try. `login`: the one it was sent with.
 */
export async function byLogin(
  context: DriverContext,
  identity: Identity,
  send: (login: Credentials) => Promise<SentWrite>,
): Promise<{ sent: SentWrite; login: Credentials | null }> {
  const nowMs = context.now?.() ?? Date.now()
  const { host, rpcPort } = context.address
  const logins = [...(context.credentials ? [context.credentials] : []), factoryLogin(identity)]
  for (const login of logins) {
    const key = loginKey(host, rpcPort, login)
    if (isLoginRefused(key, nowMs)) continue
    const sent = await send(login)
    if (!isWrongLogin(sent)) {
      if (sent.kind === "accepted") context.loginAccepted?.()
      return { sent, login }
    }
    rememberRefusedLogin(key, nowMs)
    context.loginRefused?.(login.username)
  }
  return { sent: { kind: "unsent", fault: noLogin(context) }, login: null }
}

const noLogin = ({ address }: DriverContext): Fault => needsLogin(address.host).fault
