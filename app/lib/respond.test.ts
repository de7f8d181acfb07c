import { describe, expect, it } from "vitest"
import type { Context } from "#server/context.ts"
import { DomainError, ERROR_TABLE, type ErrorCode } from "#server/contract/errors.ts"
import { silentLog } from "#server/log.ts"
import { problemBesideForm, problemPage } from "./respond.ts"

const logged: unknown[] = []
const log = Object.assign(Object.create(silentLog), { error: (fields: unknown) => logged.push(fields) })
const ctx = { requestId: "r-1", log, actor: { kind: "user" } } as unknown as Context
const get = (path = "/miners/1?q=x") => new Request(`http://lamproom.test${path}`)
type Thrown = {
  data: { code: ErrorCode; message: string | null; requestId: string }
  init: { status: number }
}

describe("what a verb threw, as a page", () => {
  it("has the status of its code and the verb's sentence", () => {
    for (const code of Object.keys(ERROR_TABLE) as ErrorCode[]) {
      if (code === "UNAUTHENTICATED" || code === "INTERNAL") continue
      const thrown = problemPage(new DomainError(code, "because"), ctx, get()) as Thrown
      expect(thrown.init.status).toBe(ERROR_TABLE[code].http)
      expect(thrown.data).toEqual({ code, message: "because", requestId: "r-1" })
    }
  })
  it("shows nothing of an internal error but its request id, and logs it once", () => {
    logged.length = 0
    const thrown = problemPage(new Error("password=hunter2"), ctx, get()) as Thrown
    expect(thrown.init.status).toBe(500)
    expect(thrown.data).toEqual({ code: "INTERNAL", message: null, requestId: "r-1" })
    expect(logged).toHaveLength(1)
  })
  it("sends a reader who is not logged in to the login and back", () => {
    const thrown = problemPage(new DomainError("UNAUTHENTICATED", "Log in first."), ctx, get()) as Response
    expect(thrown.status).toBe(302)
    expect(thrown.headers.get("Location")).toBe("/login?to=%2Fminers%2F1%3Fq%3Dx")
  })
  it("passes redirects and answers through", () => {
    const response = new Response(null, { status: 302 })
    expect(problemPage(response, ctx, get())).toBe(response)
  })
})

describe("what a verb threw, beside the form", () => {
  const form = new FormData()
  form.set("name", "North")
  form.set("newPassword", "hunter2hunter2")
  it("keeps what was typed, but no secret, and says when to try again", () => {
    const error = new DomainError("RATE_LIMITED", "Wait.", { retryAfterS: 30 })
    const answer = problemBesideForm(error, form, ctx)
    expect(answer?.init).toMatchObject({ status: 429, headers: { "Retry-After": "30" } })
    expect(answer?.data).toMatchObject({ ok: false, retryAfterS: 30, values: { name: "North" } })
    expect(JSON.stringify(answer?.data)).not.toContain("hunter2")
  })
  it("leaves what the person cannot mend to the page", () => {
    expect(problemBesideForm(new DomainError("NOT_FOUND", "gone"), form, ctx)).toBeNull()
    expect(problemBesideForm(new DomainError("UNAUTHENTICATED", "gone"), form, ctx)).toBeNull()
    expect(problemBesideForm(new Error("x"), form, ctx)).toBeNull()
  })
})
