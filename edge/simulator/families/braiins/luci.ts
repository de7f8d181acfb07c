import { html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { frontPage } from "./rest.ts"
import { newToken, tokensOf } from "./traits.ts"

/** The web interface of before GraphQL: a form gives a cookie, and one page tells the MAC. */
const FORM = "/cgi-bin/luci"
const LAN = `${FORM}/admin/network/iface_status/lan`

export function admitLuci(miner: SimulatedMiner, { url, headers }: WebRequest): WebAnswer | null {
  if (url !== LAN) return null
  const cookies = (headers.cookie ?? "").split(/;\s*/)
  const known = [...tokensOf(miner)].some((token) => cookies.includes(`session_id=${token}`))
  return known ? null : html("<html><body>Forbidden</body></html>", 403)
}

export function answerLuci(miner: SimulatedMiner, { method, url, body }: WebRequest): WebAnswer {
  if (url === LAN) {
    miner.countRead("web:iface_status")
    return json([{ macaddr: macOf(miner).toLowerCase() }])
  }
  if (url !== FORM || method !== "POST") return frontPage(url)
  const form = new URLSearchParams(body)
  if (form.get("luci_username") !== "root" || form.get("luci_password") !== miner.passwordOr(""))
    return html("<html><body>Forbidden</body></html>", 403)
  return {
    ...html("", 302),
    headers: { "Set-Cookie": `session_id=${newToken(miner)}; path=/cgi-bin/luci`, Location: FORM },
  }
}
