import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { mac } from "../transport/coerce.ts"
import { requestHttp } from "../transport/http-client.ts"
import { jsonOf } from "../transport/http-reads.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"
import { GRAPHQL } from "./graphql.ts"
import { listOf } from "./units.ts"

const LAN = "/cgi-bin/luci/admin/network/iface_status/lan"
/** Some builds answer none but the batch tools that they know. */
const AGENT = { "User-Agent": "BTC Tools v0.1" }

/** The web interface of before GraphQL: a form, and a cookie. */
const LUCI: TokenFamily = {
  name: "braiins-luci",
  factory: { username: "root", password: "" },
  logIn: async (target, { username, password }) => {
    const form = new URLSearchParams({ luci_username: username, luci_password: password })
    const answer = await requestHttp(target, {
      method: "POST",
      path: "/cgi-bin/luci",
      headers: { ...AGENT, "Content-Type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    })
    if (!answer.ok) return answer
    if (answer.status === 403 || answer.status === 401) return ok(null)
    const cookie = (answer.headers["set-cookie"] ?? [])
      .map((line) => /^(?:session_id|sysauth)=[\w.-]{1,512}/.exec(line)?.[0])
      .find((each) => each !== undefined)
    return cookie === undefined ? fault("unsupported", "This web interface gives no session.") : ok(cookie)
  },
  carry: (cookie) => ({ Cookie: cookie }),
  isRefusal: () => false,
}

/** The MAC, which neither GraphQL nor port 4028 tells; null where it is not to be had. A page, no login spoiled by it. */
export async function macByLuci(context: DriverContext, by: "graphql" | "luci"): Promise<string | null> {
  const family: TokenFamily = by === "luci" ? LUCI : { ...GRAPHQL, isRefusal: () => false }
  const answer = await sendWithToken(context, { method: "GET", path: LAN, headers: AGENT }, family)
  const told: Outcome<unknown> = jsonOf(answer, "iface_status")
  if (!told.ok) return null
  for (const row of listOf(told.value)) {
    const found = mac(row.macaddr)
    if (found !== null) return found
  }
  return null
}
