import { READ_TIMEOUT_MS, WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { Outcome } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { type DigestFamily, getDigestPage, sendDigest, webObject } from "../transport/digest-web.ts"
import { excerpt, type Row } from "../transport/reply.ts"
import { type SentWrite, sentByHttp } from "../verified-write.ts"

/** The factory login is shown to machines of this realm only. */
export const ELPHAPEX: DigestFamily = { factory: { username: "root", password: "root" }, realm: /Daoge/i }

export const getPage = (context: DriverContext, page: string): Promise<Outcome<Row>> =>
  getDigestPage(context, page, ELPHAPEX)

/** POSTs JSON once. `{"stats":"error"}` is a no whatever the status. */
export async function postPage(context: DriverContext, page: string, body: Row): Promise<SentWrite> {
  const answer = await sendDigest(
    context,
    {
      method: "POST",
      path: `/cgi-bin/${page}.cgi`,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      timeoutMs: WRITE_TIMEOUT_MS,
      fresh: true,
    },
    ELPHAPEX,
  )
  return sentByHttp(answer, (said) => {
    if (said.status >= 300) return `HTTP ${said.status}`
    const reply = webObject(said, page)
    if (!reply.ok || reply.value.stats !== "error") return null
    return excerpt(`${String(reply.value.code ?? "")} ${String(reply.value.msg ?? "")}`.trim())
  })
}

/** One GET that acts; its login was proved by a read before. */
export async function getOnce(context: DriverContext, page: string): Promise<SentWrite> {
  const request = { method: "GET", path: `/cgi-bin/${page}.cgi`, timeoutMs: READ_TIMEOUT_MS } as const
  return sentByHttp(await sendDigest(context, { ...request, fresh: true }, ELPHAPEX))
}
