import type { ActionOf } from "#server/contract/command-parameters.ts"
import { changeLogin } from "../change-login.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { isTokenLoginTaken, presentTokenLogin } from "../transport/token-login.ts"
import type { SentWrite } from "../verified-write.ts"
import { GRAPHQL, literal, mutate } from "./graphql.ts"
import { REST, writeRest } from "./rest.ts"

type Web = "rest" | "graphql"

/** The password of the web interface and of its API, which are one. */
export async function setLogin(
  context: DriverContext,
  web: Web,
  { username, password }: ActionOf<"SET_LOGIN">["parameters"],
): Promise<ActOutcome> {
  const family = web === "rest" ? REST : GRAPHQL
  const user = context.credentials?.username ?? family.factory.username
  if (username !== undefined && username !== user)
    return notDone("unsupported", `The user of this machine is ${user}; it has no other.`)
  return changeLogin({
    ran: web === "rest" ? "PUT auth/password" : "bos.setPassword",
    door: "the web interface",
    wanted: (present) => ({ username: present?.username ?? user, password }),
    present: () => presentTokenLogin(context, family),
    isTaken: (login) => isTokenLoginTaken(context, family, login),
    send: async (old) => {
      const sent = await send({ ...context, credentials: old }, web, password)
      // What a machine says of a password may repeat it.
      return sent.kind === "refused" ? { kind: "refused", message: "it does not take it." } : sent
    },
    ...(context.loginAccepted ? { accepted: context.loginAccepted } : {}),
  })
}

const send = (context: DriverContext, web: Web, password: string): Promise<SentWrite> =>
  web === "rest"
    ? writeRest(context, "auth/password", { password })
    : mutate(context, `{bos{setPassword(newPassword:${literal(password)}){__typename}}}`)
