import { afterEach, beforeEach, expect, it } from "vitest"
import { fakeGateway } from "../testing/fakes.ts"
import { serveWireGateway, WIRE_KEY } from "../testing/wire-gateway.ts"
import { createGatewayClient } from "./gateway-client.ts"
import { GatewayError } from "./gateway-error.ts"
import { checkServerUrl } from "./server-url.ts"

let gateway: ReturnType<typeof fakeGateway>
let wire: Awaited<ReturnType<typeof serveWireGateway>>
const client = (key = WIRE_KEY, serverUrl = wire.url) =>
  createGatewayClient({ serverUrl, key, instanceId: "11111111-1111-4111-8111-111111111111" })
const batch = (samples: number) => ({
  batch_id: "01900000-0000-7000-8000-000000000000",
  collected_at: "2026-01-01T00:00:00Z",
  edge_version: "1",
  samples: Array.from({ length: samples }, (_, n) => ({
    miner_id: `m${n}`,
    online: true,
    collected_at: "2026-01-01T00:00:00Z",
  })),
})

beforeEach(async () => {
  gateway = fakeGateway()
  wire = await serveWireGateway(gateway)
})
afterEach(() => wire.close())

it("sends large bodies as zstd, small ones plain, and the key in a header", async () => {
  await client().upload(batch(1))
  expect([...wire.seen.encodings]).toEqual([])
  await client().upload({ ...batch(200), batch_id: "01900000-0000-7000-8000-000000000001" })
  expect([...wire.seen.encodings]).toEqual(["zstd"])
  expect(gateway.stored()).toHaveLength(201)
})
it.each([
  ["UNAUTHENTICATED", null],
  ["CONFLICT", null],
  ["INVALID", null],
  ["PAYLOAD_TOO_LARGE", null],
  ["RATE_LIMITED", 7_000],
  ["UNAVAILABLE", 2_000],
  ["INTERNAL", null],
] as const)("tells %s as it is, with Retry-After", async (code, retryAfterMs) => {
  gateway.state.refuse = new GatewayError(code, "no", retryAfterMs)
  await expect(client().upload(batch(1))).rejects.toMatchObject({ code, retryAfterMs })
})
it("calls a wrong key, a silent server and a cut line by their names", async () => {
  await expect(client(`hsc_${"x".repeat(40)}`).upload(batch(1))).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
  })
  gateway.state.down = true
  await expect(client().upload(batch(1))).rejects.toMatchObject({ code: "UNREACHABLE" })
  await expect(client(WIRE_KEY, new URL("http://127.0.0.1:9")).upload(batch(1))).rejects.toMatchObject({
    code: "UNREACHABLE",
  })
})
it("tells capabilities and fetches pieces of a firmware file", async () => {
  const artifact = gateway.offer(Buffer.from("firmware"))
  expect(await client().artifact(artifact.id, 4)).toEqual({
    offset: 4,
    size_bytes: 8,
    sha256: artifact.sha256,
    piece: Buffer.from("ware").toString("base64"),
  })
  await expect(client().artifact("018f0000-0000-7000-8000-000000000009", 0)).rejects.toMatchObject({
    code: "NOT_FOUND",
  })
  const profile = { make: "A", model: null, firmware: null, firmware_version: null, features: {} as never }
  await client().capabilities([profile])
  expect(gateway.profiles).toEqual([profile])
})
it("ends a long poll at once when it is told to stop", async () => {
  const stop = new AbortController()
  const input = {
    instance_id: "11111111-1111-4111-8111-111111111111",
    wait_ms: 25_000,
    max: 1,
    journal_epoch: "11111111-1111-4111-8111-111111111111",
    journal_seq: 0,
    started: true,
  }
  const poll = client().pollCommands(input, stop.signal)
  stop.abort()
  await expect(poll).rejects.toMatchObject({ code: "ABORTED" })
})
it("takes https anywhere and plain http to this machine only", () => {
  for (const url of [
    "https://app.example",
    "http://127.0.0.1:3000",
    "http://localhost:3000",
    "http://[::1]:3000",
  ])
    expect(checkServerUrl(url).href).toContain("://")
  for (const url of [
    "http://app.example",
    "http://10.0.0.1",
    "http://127.0.0.1.evil.example",
    "http://0.0.0.0",
  ])
    expect(() => checkServerUrl(url)).toThrow(/https/)
})
