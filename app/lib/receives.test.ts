import type { ActionFunctionArgs } from "@remix-run/node"
import { describe, expect, it } from "vitest"
import { DomainError } from "#server/contract/errors.ts"
import { receives } from "./receives.ts"

const BOUNDARY = "----lamproom"
const encoder = new TextEncoder()

describe("a form with a file", () => {
  const field = (name: string, value: string) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const fileHead = (fileName: string) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\nContent-Type: application/octet-stream\r\n\r\n`
  const END = `\r\n--${BOUNDARY}--\r\n`

  /** What `pieces` makes is sent when it is asked for; `sent` counts. */
  function sending(pieces: Iterable<string | Uint8Array>, breaksOff = false) {
    const source = pieces[Symbol.iterator]()
    const sent = { pieces: 0 }
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const next = source.next()
          if (!next.done) {
            sent.pieces += 1
            controller.enqueue(typeof next.value === "string" ? encoder.encode(next.value) : next.value)
          } else if (breaksOff) controller.error(new Error("aborted"))
          else controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const request = new Request("http://farm.test/upload", {
      method: "POST",
      body,
      duplex: "half",
      headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` },
    } as RequestInit)
    const failures: unknown[] = []
    const ctx = {
      actor: { kind: "user" },
      requestId: "r",
      log: { error: (event: unknown) => failures.push(event) },
    }
    return {
      args: { request, context: { ctx }, params: {} } as unknown as ActionFunctionArgs,
      sent,
      failures,
    }
  }
  const take = (args: ActionFunctionArgs, admit: () => void = () => {}) =>
    receives(args, admit, async ({ form, file }) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of file.stream) chunks.push(chunk)
      return {
        version: form.text("version"),
        families: form.all("families"),
        name: file.fileName,
        bytes: Buffer.concat(chunks),
      }
    })
  const refused = (answer: unknown) => (answer as { data: unknown; init: { status: number } }) ?? null

  it("gives the fields before the file, and the file's bytes as they are", async () => {
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 7) % 256))
    const tricky = Buffer.concat([bytes, encoder.encode(`\r\n--not the boundary\r\n\r\n`), bytes])
    const { args } = sending([
      field("version", " 2.0 ") + field("families", "a") + field("families", "b") + fileHead("fw.tar.gz"),
      tricky.subarray(0, 3_000),
      tricky.subarray(3_000),
      END,
    ])
    const got = (await take(args)) as { bytes: Buffer }
    expect(got).toMatchObject({ version: "2.0", families: ["a", "b"], name: "fw.tar.gz" })
    expect(got.bytes.equals(tricky)).toBe(true)
  })

  it.each([
    ["another file", [fileHead("a"), "x\r\n", fileHead("b"), "y", END]],
    ["nothing that belongs there", [fileHead("a"), "x", `\r\n--${BOUNDARY}\r\n`]],
  ])("what the first file became stands when %s follows", async (_, pieces) => {
    const got = (await take(sending(pieces).args)) as { name: string; bytes: Buffer }
    expect([got.name, got.bytes.toString()]).toEqual(["a", "x"])
  })

  it("hands the file over while it comes in", async () => {
    function* large() {
      yield field("version", "1") + fileHead("fw.bin")
      for (let n = 0; n < 200; n += 1) yield new Uint8Array(10_000)
      yield END
    }
    const { args, sent } = sending(large())
    let seen = 0
    await receives(
      args,
      () => {},
      async ({ file }) => {
        for await (const chunk of file.stream) {
          seen += chunk.byteLength
          expect(sent.pieces * 10_000 - seen).toBeLessThan(50_000)
        }
      },
    )
    expect(seen).toBe(2_000_000)
  })

  it.each<[string, (string | Uint8Array)[], boolean]>([
    ["is broken off inside the file", [fileHead("fw.bin"), new Uint8Array(9_000)], true],
    ["ends inside the file", [fileHead("fw.bin"), new Uint8Array(9_000)], false],
    ["has no file", [field("version", "1"), `--${BOUNDARY}--\r\n`], false],
    ["has none chosen", [fileHead(""), END], false],
    ["is no form", ["something else"], false],
    ["has a name that browsers do not send", [fileHead("a;b=c;d"), "x", END], false],
  ])("says what is wrong when the form %s", async (_, pieces, breaksOff) => {
    const { args, failures } = sending(pieces, breaksOff)
    expect(refused(await take(args))).toMatchObject({
      data: { ok: false, code: "INVALID", details: [{ path: "file" }] },
      init: { status: 422 },
    })
    expect(failures).toEqual([])
  })

  it("refuses before it reads anything", async () => {
    const { args, sent } = sending([fileHead("fw.bin"), "x", END])
    const answer = await take(args, () => {
      throw new DomainError("FORBIDDEN", "Only an admin may do that.")
    })
    expect(refused(answer)).toMatchObject({ data: { code: "FORBIDDEN" }, init: { status: 403 } })
    expect(sent.pieces).toBe(0)
  })

  it("keeps fields short, and tells what the story refused with what was typed", async () => {
    const long = sending([field("version", "x".repeat(20_000)) + fileHead("fw.bin"), "x", END])
    expect(refused(await take(long.args))).toMatchObject({ init: { status: 413 } })
    const { args } = sending([field("version", "9") + fileHead("fw.bin"), "x", END])
    const answer = await receives(
      args,
      () => {},
      async () => {
        throw new DomainError("CONFLICT", "It is here already.")
      },
    )
    expect(refused(answer)).toMatchObject({
      data: { code: "CONFLICT", values: { version: "9" } },
      init: { status: 409 },
    })
  })
})
