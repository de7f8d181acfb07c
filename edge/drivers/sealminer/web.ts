import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { webObject } from "../transport/digest-web.ts"
import { type HttpAnswer, type HttpRequest, type HttpTarget, requestHttp } from "../transport/http-client.ts"
import type { Row } from "../transport/reply.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"

const FORM = { "Content-Type": "application/x-www-form-urlencoded" }
const PROOF = "/cgi-bin/get_system_info.php"

/** Who is not logged in is shown the page to log in, in whatever way. */
const isLoginPage = ({ status, text }: HttpAnswer & { ok: true }): boolean =>
  status === 401 || status === 403 || (status >= 300 && status < 400) || /^\s*</.test(text)

/**
 * A PHP session by a form. What the form answers to a wrong password is not documented, so a session is proved by the
 * page that it is for.
 */
async function logIn(
  target: HttpTarget,
  { username, password }: Credentials,
): Promise<Outcome<string | null>> {
  const answer = await requestHttp(target, {
    method: "POST",
    path: "/cgi-bin/login.php",
    headers: FORM,
    body: new URLSearchParams({ username, origin_pwd: password }).toString(),
    fresh: true,
  })
  if (!answer.ok) return { ok: false, fault: answer.fault }
  if (answer.status === 404) return fault("unsupported", "This machine's web interface has no login.php.")
  const cookie = (answer.headers["set-cookie"] ?? []).map((each) => each.split(";")[0]!.trim()).join("; ")
  if (cookie === "" || !/^[\x20-\x7e]{1,1000}$/.test(cookie)) return ok(null)
  const proof = await requestHttp(target, {
    method: "GET",
    path: PROOF,
    headers: { Cookie: cookie },
    fresh: true,
  })
  if (!proof.ok) return { ok: false, fault: proof.fault }
  return ok(proof.status < 300 && !isLoginPage(proof) ? cookie : null)
}

export const SEAL_WEB: TokenFamily = {
  name: "sealminer",
  factory: { username: "seal", password: "seal" },
  logIn,
  carry: (cookie) => ({ Cookie: cookie }),
  isRefusal: isLoginPage,
}

export const sendWeb = (context: DriverContext, request: HttpRequest): Promise<HttpAnswer> =>
  sendWithToken(context, request, SEAL_WEB)

export async function getWeb(context: DriverContext, page: string): Promise<Outcome<Row>> {
  return webObject(await sendWeb(context, { method: "GET", path: `/cgi-bin/${page}` }), page)
}

export const postForm = (
  context: DriverContext,
  page: string,
  fields: Record<string, string>,
): Promise<HttpAnswer> =>
  sendWeb(context, {
    method: "POST",
    path: `/cgi-bin/${page}`,
    headers: FORM,
    body: new URLSearchParams(fields).toString(),
    fresh: true,
  })
