import type { ActionOf } from "#server/contract/command-parameters.ts"
import { changeLogin } from "../change-login.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { isDigestLoginTaken, presentDigestLogin } from "../transport/digest-login.ts"
import { forgetRefusedLogins } from "../transport/refused-logins.ts"
import { postForm, VOLC } from "./web.ts"

const PROOF = "/cgi-bin/get_system_info.cgi"

/** The body is a head block, a blank line, and then JSON: only what follows the last blank line counts. */
export function passwordRefusal(text: string): string | null {
  const body = text.split(/\r?\n\r?\n/).at(-1) ?? ""
  const code = /"code"\s*:\s*"?(\d{1,6})/.exec(body)?.[1]
  // What a miner says of a password may repeat it.
  return code === "200" ? null : code === undefined ? null : `it does not take it (code ${code})`
}

export async function setLogin(
  context: DriverContext,
  { username, password }: ActionOf<"SET_LOGIN">["parameters"],
): Promise<ActOutcome> {
  const user = context.credentials?.username ?? VOLC.factory.username
  if (username !== undefined && username !== user)
    return notDone("unsupported", `The user of this web interface is ${user}; it has no other.`)
  return changeLogin({
    ran: "passwdV1.cgi",
    door: "the web interface",
    wanted: (present) => ({ username: present?.username ?? user, password }),
    present: () => presentDigestLogin(context, VOLC, PROOF),
    isTaken: (login) => isDigestLoginTaken(context, login, PROOF),
    send: async (old) => {
      const form = new URLSearchParams({ cur_pwd: old.password, new_pwd: password })
      const sent = await postForm({ ...context, credentials: old }, "passwdV1", form, passwordRefusal)
      // Whatever was refused here before says nothing of now.
      forgetRefusedLogins(context.address.host)
      return sent
    },
    ...(context.loginAccepted ? { accepted: context.loginAccepted } : {}),
  })
}
