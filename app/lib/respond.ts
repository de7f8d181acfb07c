import { data } from "@remix-run/node"
import type { Context } from "#server/context.ts"
import {
  DomainError,
  databaseAway,
  ERROR_TABLE,
  type ErrorCode,
  type ErrorDetail,
  isDatabaseAway,
} from "#server/contract/errors.ts"

/** The app's only error map: what a verb threw becomes a status and a page, or an answer that a form shows. */

/** What an error page knows. `message` is the verb's own sentence; an internal error shows its request id and nothing else. */
export type Problem = { code: ErrorCode; message: string | null; requestId: string }

/** What a form gets back when its request was refused; `values` is what the person had typed, without secrets. */
export type FormProblem = {
  ok: false
  code: ErrorCode
  message: string
  details: ErrorDetail[]
  retryAfterS: number | null
  values: Record<string, string>
}

/** Refusals that belong beside the form. The rest replace the page. */
const BESIDE_THE_FORM: ReadonlySet<ErrorCode> = new Set([
  "INVALID",
  "CONFLICT",
  "FORBIDDEN",
  "RATE_LIMITED",
  "PAYLOAD_TOO_LARGE",
  "UNAVAILABLE",
])

/** The thing to throw from a loader or action so that the error page shows `error`. Passes responses through. */
export function problemPage(error: unknown, ctx: Context, request: Request): unknown {
  if (!(error instanceof Error)) return error
  if (isDatabaseAway(error))
    return problem("UNAVAILABLE", databaseAway(error).message, ctx, retryAfter(databaseAway(error)))
  if (!(error instanceof DomainError)) {
    if (!request.signal.aborted) ctx.log.error({ err: error, url: pathOf(request) }, "request failed")
    return problem("INTERNAL", null, ctx)
  }
  if (error.code === "INTERNAL") {
    ctx.log.error({ err: error, url: pathOf(request) }, "request failed")
    return problem("INTERNAL", null, ctx)
  }
  if (error.code === "UNAUTHENTICATED" && request.method === "GET") return toLogin(request)
  return problem(error.code, error.message, ctx, retryAfter(error))
}

/** The answer beside the form, or null when the error takes the whole page. */
export function problemBesideForm(error: unknown, form: FormData, ctx: Context) {
  if (!(error instanceof DomainError)) return null
  // At the login form itself nobody is logged in yet.
  const wrongLogin = error.code === "UNAUTHENTICATED" && ctx.actor.kind === "anonymous"
  if (!wrongLogin && !BESIDE_THE_FORM.has(error.code)) return null
  const answer: FormProblem = {
    ok: false,
    code: error.code,
    message: error.message,
    details: error.details,
    retryAfterS: error.retryAfterS,
    values: typed(form),
  }
  return data(answer, { status: error.http, headers: retryAfter(error) })
}

function problem(code: ErrorCode, message: string | null, ctx: Context, headers?: HeadersInit) {
  const body: Problem = { code, message, requestId: ctx.requestId }
  return data(body, { status: ERROR_TABLE[code].http, ...(headers ? { headers } : {}) })
}

function retryAfter(error: DomainError): Record<string, string> {
  return error.retryAfterS === null ? {} : { "Retry-After": String(error.retryAfterS) }
}

/** To the login page and back afterwards. */
function toLogin(request: Request): Response {
  const url = new URL(request.url)
  const back = url.pathname === "/" ? "" : `?to=${encodeURIComponent(url.pathname + url.search)}`
  return new Response(null, { status: 302, headers: { Location: `/login${back}` } })
}

/** Remix adds `.data` and `_routes` to the address of a client navigation; neither belongs in a log line. */
function pathOf(request: Request): string {
  return new URL(request.url).pathname
}

function typed(form: FormData): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, value] of form)
    if (typeof value === "string" && !/password|token|secret/i.test(name)) values[name] = value
  return values
}
