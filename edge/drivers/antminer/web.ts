import type { Outcome } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { type DigestFamily, getDigestPage, isDigestLoginTaken, sendDigest } from "../transport/digest-web.ts"
import type { HttpAnswer, HttpRequest } from "../transport/http-client.ts"
import type { Row } from "../transport/reply.ts"

/** The factory login is shown to Antminers, and to Hammers, which keep this web interface; an assigned one was chosen by a person for this address. */
export const ANTMINER: DigestFamily = {
  factory: { username: "root", password: "root" },
  realm: /^(?:ant|black)miner/i,
}

export const sendWeb = (
  context: DriverContext,
  request: HttpRequest,
  taken?: (login: Credentials) => void,
): Promise<HttpAnswer> => sendDigest(context, request, ANTMINER, taken)

/** Whether the machine takes this login; null: it does not tell now. */
export const isLoginTaken = (context: DriverContext, login: Credentials): Promise<boolean | null> =>
  isDigestLoginTaken(context, login, "/cgi-bin/get_system_info.cgi")

/** Reads one CGI page as an object. */
export const getWeb = (context: DriverContext, page: string): Promise<Outcome<Row>> =>
  getDigestPage(context, page, ANTMINER)
