import { READ_TIMEOUT_MS, WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { type DigestFamily, getDigestPage, sendDigest } from "../transport/digest-web.ts"
import type { HttpAnswer } from "../transport/http-client.ts"
import { excerpt, type Row } from "../transport/reply.ts"
import type { SentWrite } from "../verified-write.ts"
import { sentByHttp } from "../verified-write.ts"

export const VOLC: DigestFamily = {
  factory: { username: "root", password: "ltc@dog" },
  realm: /^blackminer/i,
}

export const getVolc = (context: DriverContext, page: string): Promise<Outcome<Row>> =>
  getDigestPage(context, page, VOLC)

/** A page as it came: some of them are no JSON whatever is mended. */
export async function getVolcText(context: DriverContext, page: string): Promise<Outcome<string>> {
  const answer = await get(context, page)
  if (!answer.ok) return { ok: false, fault: answer.fault }
  if (answer.status === 404) return fault("unsupported", `This miner's web interface has no ${page}.`)
  if (answer.status >= 300)
    return fault("unsupported", `The miner answered ${page} with HTTP ${answer.status}.`)
  return ok(answer.text)
}

export const get = (context: DriverContext, page: string, fresh = false): Promise<HttpAnswer> =>
  sendDigest(
    context,
    { method: "GET", path: `/cgi-bin/${page}.cgi`, timeoutMs: READ_TIMEOUT_MS, ...(fresh ? { fresh } : {}) },
    VOLC,
  )

/** POSTs a form once. */
export async function postForm(
  context: DriverContext,
  page: string,
  form: URLSearchParams,
  refusalOf: (text: string) => string | null,
): Promise<SentWrite> {
  const answer = await sendDigest(
    context,
    {
      method: "POST",
      path: `/cgi-bin/${page}.cgi`,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      timeoutMs: WRITE_TIMEOUT_MS,
      fresh: true,
    },
    VOLC,
  )
  return sentByHttp(answer, ({ status, text }) => (status >= 300 ? `HTTP ${status}` : refusalOf(text)))
}

/** `{"stats":"error"}`, or a word of its own; `ok` and nothing at all are a yes. */
export function formRefusal(text: string): string | null {
  return /"stats"\s*:\s*"error"|\berror\b|\bfail/i.test(text) ? excerpt(text) : null
}
