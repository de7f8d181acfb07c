import { Hono } from "hono"
import { describe, expect, it } from "vitest"
import { FIRMWARE_MAX_BYTES } from "../contract/budgets.ts"
import { DomainError } from "../contract/errors.ts"
import { bodyLimits } from "./body-limits.ts"
import type { HttpEnv } from "./environment.ts"

describe("limits of bodies", () => {
  const app = new Hono<HttpEnv>()
  app.use(bodyLimits())
  app.onError((error, c) => c.text(error instanceof DomainError ? error.code : "?", 413))
  /** Reads the first piece alone, and says how many the sender was asked for by then. */
  app.post("*", async (c) => {
    const reader = c.req.raw.body?.getReader()
    const first = await reader?.read()
    await reader?.cancel()
    return c.text(String(first?.value?.byteLength ?? 0))
  })

  function endless() {
    const asked = { pieces: 0 }
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        asked.pieces += 1
        if (asked.pieces > 64) return controller.close()
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    return { asked, body }
  }
  const post = (path: string, body: ReadableStream | string, headers: Record<string, string> = {}) =>
    app.request(path, { method: "POST", body, headers, duplex: "half" } as RequestInit)

  it("a form is at most 1 MiB, told or untold", async () => {
    expect((await post("/miners", "x", { "content-length": "1048577" })).status).toBe(413)
    const { body } = endless()
    const untold = await post("/miners", body, { "transfer-encoding": "chunked" })
    expect(await untold.text()).toBe("PAYLOAD_TOO_LARGE")
    expect((await post("/miners", "ids=1", { "content-length": "5" })).status).toBe(200)
  })

  it("decision 24: the form with a firmware file may be as large as one, and is not held", async () => {
    for (const path of ["/settings/firmware/new", "/settings/firmware/new.data"]) {
      const fits = await post(path, "x", { "content-length": String(FIRMWARE_MAX_BYTES + 4_096) })
      expect(fits.status).toBe(200)
      const tooLarge = await post(path, "x", { "content-length": String(FIRMWARE_MAX_BYTES + 2_097_152) })
      expect(await tooLarge.text()).toBe("PAYLOAD_TOO_LARGE")
      const { asked, body } = endless()
      const streamed = await post(path, body, { "transfer-encoding": "chunked" })
      expect(await streamed.text()).toBe("65536")
      expect(asked.pieces).toBeLessThan(5)
    }
  })

  it("no other address of firmware is let through", async () => {
    for (const path of ["/settings/firmware", "/settings/firmware/new/", "/settings/firmware/newer"])
      expect((await post(path, "x", { "content-length": "1048577" })).status, path).toBe(413)
  })
})
