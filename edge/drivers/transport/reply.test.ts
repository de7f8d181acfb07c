import { describe, expect, it } from "vitest"
import { decodeReply, member, rows, statusFault, statusOf, wholeReply } from "./reply.ts"

const kind = (text: string) => {
  const reply = decodeReply(text)
  return reply.ok ? "ok" : reply.fault.kind
}

describe("decodeReply", () => {
  it("strips NULs and a byte-order mark", () => {
    const reply = decodeReply('\ufeff{"STATUS":[{"STATUS":"S","Code":11}],"SUMMARY":[{"Elapsed":5}]}\0\0\n')
    expect(reply).toMatchObject({
      ok: true,
      value: { status: { severity: "S", code: 11 }, truncated: false },
    })
  })

  it.each([
    ["", "refused"],
    ["HTTP/1.1 400 Bad Request\r\n\r\n", "unsupported"],
    ["<html><body>login</body></html>", "garbled"],
    ["Socket connect failed: Connection refused", "busy"],
    ["\u0016\u0003\u0001{", "garbled"],
    ["[1,2]", "garbled"],
    ["error 6060 cmd", "unsupported"],
  ])("classifies %j as %s", (text, wanted) => {
    expect(kind(text)).toBe(wanted)
  })

  it("reads JSONP, acknowledgements and text replies", () => {
    expect(decodeReply('callback({"a":1});')).toMatchObject({ ok: true, value: { body: { a: 1 } } })
    expect(decodeReply("RESTART\0")).toMatchObject({ ok: true, value: { status: { severity: "RESTART" } } })
    const text = decodeReply(
      "STATUS=S,When=1,Code=11,Msg=Summary,Description=x|SUMMARY,Elapsed=50,MHS av=1.5|\0",
    )
    expect(text).toMatchObject({ ok: true, value: { status: { code: 11 }, truncated: false } })
    expect(text.ok && rows(text.value.body, "SUMMARY")[0]).toMatchObject({ Elapsed: "50", "MHS av": "1.5" })
  })

  it("keeps Avalon's commas in brackets, escapes, and notices a cut text reply", () => {
    const reply = decodeReply(
      "STATUS=S,Code=70,Msg=a\\,b|STATS=0,MM ID0=Ver[15] S[Work: In Work, Board: 3 ],X=1|STATS=1,Y=2",
    )
    expect(reply.ok && rows(reply.value.body, "STATS")).toEqual([
      expect.objectContaining({ "MM ID0": "Ver[15] S[Work: In Work, Board: 3 ]", X: "1" }),
    ])
    expect(reply).toMatchObject({ ok: true, value: { truncated: true, status: { message: "a,b" } } })
  })

  it("shows no secret in its complaint", () => {
    const reply = decodeReply('{"pools":{"pass":"hunter2","token": abc')
    expect(JSON.stringify(reply.ok ? wholeReply(reply.value, "pools") : reply)).not.toContain("hunter2")
    expect(JSON.stringify(decodeReply('password="hunter2" {'))).not.toContain("hunter2")
  })
})

describe("the envelope", () => {
  it.each([
    [{ STATUS: [{ STATUS: "E", Code: 14, Msg: "Invalid command" }] }, "unsupported"],
    [{ STATUS: [{ STATUS: "E", Code: 0, Msg: "Invalid command" }] }, "unsupported"],
    [{ STATUS: { STATUS: "E", Code: "45", Msg: "Access denied to 'restart' command" } }, "auth"],
    [{ STATUS: "E", Code: 132, Msg: "can't access write cmd" }, "auth"],
    [{ STATUS: [{ STATUS: "E", Code: 8, Msg: "No pools" }] }, null],
    [{ STATUS: "S", Code: 131, Msg: {} }, null],
    [{ STATUS: [{ STATUS: "W", Code: 117 }] }, null],
    [{ STATUS: "RESTART" }, null],
    [{ POOLS: [] }, null],
  ])("%j means %s", (body, wanted) => {
    expect(statusFault(statusOf(body), "x")?.kind ?? null).toBe(wanted)
  })

  it("makes a truncated reply a fault even when its beginning reads well", () => {
    const reply = decodeReply('{"STATUS":[{"STATUS":"S","Code":11}],"SUMMARY":[{"Elapsed":5,"GHS 5s":1')
    expect(reply.ok && wholeReply(reply.value, "summary")).toMatchObject({
      ok: false,
      fault: { kind: "garbled" },
    })
  })

  it("takes sections as lists, one object or nothing, and joined members either way", () => {
    expect(rows({ SUMMARY: { a: 1 } }, "SUMMARY")).toEqual([{ a: 1 }])
    expect(rows({ STATS: [1, null, { a: 1 }] }, "STATS")).toEqual([{ a: 1 }])
    expect(rows({}, "STATS")).toEqual([])
    const joined = decodeReply(
      '{"summary":[{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{}]}],"pools":{"STATUS":[{"STATUS":"E","Code":14}]},"id":1}',
    )
    expect(joined.ok && member(joined.value, "summary")).toMatchObject({ status: { severity: "S" } })
    expect(joined.ok && member(joined.value, "pools")).toMatchObject({ status: { severity: "E", code: 14 } })
    expect(joined.ok && member(joined.value, "devs")).toBeNull()
  })
})
