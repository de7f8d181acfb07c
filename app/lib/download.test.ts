import type { LoaderFunctionArgs } from "@remix-run/node"
import { describe, expect, it } from "vitest"
import { DomainError } from "#server/contract/errors.ts"
import { silentLog } from "#server/log.ts"
import { downloadsCsv } from "./download.ts"

const args = {
  request: new Request("http://127.0.0.1/audit.csv?q=x"),
  params: {},
  context: { ctx: { log: silentLog, requestId: "r-1" } },
} as unknown as LoaderFunctionArgs
const send = (lines: () => AsyncIterable<string>, fileName = "audit 1.csv") =>
  downloadsCsv(args, async () => ({ fileName, lines: lines() }))

describe("a file of lines", () => {
  it("is sent whole under its name", async () => {
    const answer = await send(async function* () {
      for (let n = 0; n < 20_000; n += 1) yield `${n},ä\r\n`
    })
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8")
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="audit-1.csv"')
    expect(answer.headers.get("cache-control")).toBe("no-store")
    const lines = (await answer.text()).split("\r\n")
    expect(lines).toHaveLength(20_001)
    expect(lines[19_999]).toBe("19999,ä")
  })

  it("is read no further than it is taken, and closed when nobody wants it any more", async () => {
    let made = 0
    let closed = false
    const answer = await send(async function* () {
      try {
        for (;;) {
          made += 1
          yield "x".repeat(1_000)
        }
      } finally {
        closed = true
      }
    })
    const reader = answer.body!.getReader()
    await reader.read()
    await reader.cancel()
    expect(closed).toBe(true)
    expect(made).toBeLessThan(200)
  })

  it("is refused in plain words before its first line, and sends strangers to the login", async () => {
    const refused = await downloadsCsv(args, async () => {
      throw new DomainError("FORBIDDEN", "Not for you.")
    })
    expect(refused.status).toBe(403)
    expect(await refused.text()).toBe("Not for you.\n")
    const stranger = downloadsCsv(args, async () => {
      throw new DomainError("UNAUTHENTICATED", "Log in first.")
    })
    await expect(stranger).rejects.toMatchObject({ status: 302 })
  })

  it("breaks off when it fails on the way", async () => {
    const answer = await send(async function* () {
      yield "half\r\n"
      throw new Error("the disk is gone")
    })
    await expect(answer.text()).rejects.toThrow("the disk is gone")
  })
})
