import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { done, notDone } from "../outcomes.ts"
import { optionMissing, set } from "./ascset.ts"
import { byLogin, factoryLogin, isWrongLogin } from "./logins.ts"

const RAN = "ascset 0,password"

/**
 * Changes the password that web interface and `setpool` share. The machine has no way to ask for it, so it is proved by
 * setting the new one once more from itself, which only the machine that has it already takes.
 */
export async function setLogin(
  context: DriverContext,
  identity: Identity,
  { username, password }: ActionOf<"SET_LOGIN">["parameters"],
): Promise<ActOutcome> {
  const user = context.credentials?.username ?? factoryLogin(identity).username
  if (username !== undefined && username !== user)
    return notDone("unsupported", `The user of this machine is ${user}; it has no other.`)
  if (/[,|\\]/.test(password))
    return notDone("unsupported", "An Avalon takes no password with a comma, a bar or a backslash in it.")
  const missing = await optionMissing(context, identity, "password")
  if (missing !== null) return missing
  const state = { username: user }
  const proved = async () =>
    (await set(context, `password,${password},${password}`, { secrets: [password] })).kind === "accepted"
  const already = (): ActOutcome =>
    done({
      ran: RAN,
      message: "The machine has this password already.",
      verified: true,
      already: true,
      username: user,
      before: state,
      after: state,
    })

  if ((context.credentials ?? factoryLogin(identity)).password === password && (await proved()))
    return already()
  const { sent } = await byLogin(context, identity, (login) =>
    set(context, `password,${login.password},${password}`, { secrets: [login.password, password] }),
  )
  if (sent.kind === "unsent") {
    if (sent.fault.kind === "auth" && (await proved())) {
      context.loginAccepted?.()
      return already()
    }
    return { ok: false, fault: sent.fault, sent: false }
  }
  if (sent.kind === "refused")
    return notDone(
      isWrongLogin(sent) ? "auth" : "refused",
      `The miner refused the new password: ${sent.message}`,
    )
  if (await proved())
    return done({
      ran: RAN,
      message: "The machine takes the new password.",
      verified: true,
      username: user,
      before: state,
      after: { ...state, new_password: true },
    })
  if (sent.kind === "lost")
    return { ok: false, fault: { kind: "timeout", message: sent.fault.message }, sent: true }
  return notDone("refused", "The miner answered yes and does not take the new password.")
}
