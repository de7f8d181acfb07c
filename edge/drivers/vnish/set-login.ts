import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { ActionOf } from "#server/contract/command-parameters.ts"
import { changeLogin } from "../change-login.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { isTokenLoginTaken, presentTokenLogin } from "../transport/token-login.ts"
import { postJson, VNISH } from "./web.ts"

/** The password that unlocks the API; it has no user. */
export async function setLogin(
  context: DriverContext,
  { username, password }: ActionOf<"SET_LOGIN">["parameters"],
): Promise<ActOutcome> {
  const user = context.credentials?.username ?? VNISH.factory.username
  if (username !== undefined && username !== user)
    return notDone("unsupported", "VNish has one password and no users; leave the user name out.")
  return changeLogin({
    ran: "settings password",
    door: "the web interface",
    wanted: (present) => ({ username: present?.username ?? user, password }),
    present: () => presentTokenLogin(context, VNISH),
    isTaken: (login) => isTokenLoginTaken(context, VNISH, login),
    send: async (old) => {
      const body = { password: { current: old.password, pw: password } }
      const sent = await postJson({ ...context, credentials: old }, "settings", body, WRITE_TIMEOUT_MS)
      // What a miner says of a password may repeat it.
      return sent.kind === "refused" ? { kind: "refused", message: "it does not take it." } : sent
    },
    ...(context.loginAccepted ? { accepted: context.loginAccepted } : {}),
  })
}
