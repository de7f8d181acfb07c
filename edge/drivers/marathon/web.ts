import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { DriverContext } from "../driver.ts"
import { type DigestFamily, sendDigest } from "../transport/digest-web.ts"
import { type HttpReads, httpReads } from "../transport/http-reads.ts"
import { decodeReply, excerpt } from "../transport/reply.ts"
import { type SentWrite, sentByHttp } from "../verified-write.ts"

const API = "/kaonsu/v1/"
/** Which realm it names is not documented; who asks here has known the firmware by its own words. */
export const MARATHON: DigestFamily = { factory: { username: "root", password: "root" }, realm: /^/ }

export const marathonReads = (context: DriverContext): HttpReads =>
  httpReads(context, (request) => sendDigest(context, { ...request, path: API + request.path }, MARATHON))

/** POSTs once; `{"error":true,"msg":…}` is a no. */
export async function postMarathon(context: DriverContext, path: string, body: object): Promise<SentWrite> {
  const answer = await sendDigest(
    context,
    {
      method: "POST",
      path: API + path,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      timeoutMs: WRITE_TIMEOUT_MS,
      fresh: true,
    },
    MARATHON,
  )
  return sentByHttp(answer, ({ status, text }) => {
    const reply = text.trim().startsWith("{") ? decodeReply(text) : null
    const { error, msg } = reply?.ok ? reply.value.body : {}
    if (error === true || (typeof error === "string" && error !== ""))
      return `"${excerpt(String(msg ?? error))}"`
    return status < 300 ? null : `HTTP ${status}`
  })
}
