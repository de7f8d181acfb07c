import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import { silentLog } from "#server/log.ts"
import { createEdgeEvents } from "../beat/events.ts"
import { GatewayError } from "../client/gateway-error.ts"
import { openSpool, type Spool } from "../spool/spool.ts"
import { fakeGateway } from "../testing/fakes.ts"
import { startUploader, type Uploader } from "./uploader.ts"

let dir = ""
let spool: Spool
let gateway: ReturnType<typeof fakeGateway>
let uploader: Uploader
const stop = { abort: new AbortController() }

const fill = (ids: string[], ageMs = 0) => {
  for (const id of ids) {
    const collected_at = new Date(Date.now() - ageMs).toISOString()
    spool.write([{ miner_id: id, online: true, collected_at } as TelemetrySample])
    spool.seal({ onlyFull: false })
  }
}
function start() {
  stop.abort = new AbortController()
  uploader = startUploader({
    spool,
    gateway: () => gateway.api,
    events: createEdgeEvents({
      instanceId: "x",
      log: silentLog,
      iso: () => new Date().toISOString(),
      gateway: () => gateway.api,
    }),
    log: silentLog,
    nowMs: Date.now,
    random: () => 0,
    signal: stop.abort.signal,
    siteLabel: () => "test",
  })
}
const stored = () => gateway.stored().map((sample) => sample.miner_id)
const empty = () => spool.depth().samples === 0

beforeEach(() => {
  vi.useFakeTimers()
  dir = mkdtempSync(join(tmpdir(), "lamproom-upload-"))
  spool = openSpool({ file: join(dir, "s.db"), edgeVersion: "1", maxBytes: 1e9, nowMs: Date.now }).spool
  gateway = fakeGateway()
})
afterEach(async () => {
  const ended = uploader.finish(0)
  stop.abort.abort()
  await vi.advanceTimersByTimeAsync(1_000)
  await ended
  vi.useRealTimers()
  spool.close()
  rmSync(dir, { recursive: true, force: true })
})

describe("uploader", () => {
  it("drains a backlog in its order while fresh samples overtake it", async () => {
    fill(["old-1", "old-2", "old-3", "old-4"], 7_200_000)
    start()
    await vi.advanceTimersByTimeAsync(150)
    fill(["new-1"])
    uploader.wake()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(stored().filter((id) => id.startsWith("old"))).toEqual(["old-1", "old-2", "old-3", "old-4"])
    expect(stored().indexOf("new-1")).toBeLessThan(stored().indexOf("old-4"))
    expect(empty()).toBe(true)
  })
  it("stays under its share of the key's requests a minute", async () => {
    fill(
      Array.from({ length: 60 }, (_, n) => `m${n}`),
      3_600_000,
    )
    start()
    await vi.advanceTimersByTimeAsync(6_000)
    expect(gateway.state.uploads).toBeGreaterThan(30)
    expect(gateway.state.uploads).toBeLessThan(45)
  })
  it("sends the same batch again when the answer got lost, and takes `duplicate` for success", async () => {
    fill(["a", "b", "c"])
    gateway.state.loseAnswers = 2
    start()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(stored().toSorted()).toEqual(["a", "b", "c"])
    expect(gateway.state.uploads).toBe(5)
    expect(empty()).toBe(true)
  })
  it("waits longer and longer while the line is cut, and goes on at once when a heartbeat came through", async () => {
    fill(["a"])
    gateway.state.down = true
    start()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(gateway.state.uploads).toBeGreaterThan(15)
    expect(gateway.state.uploads).toBeLessThan(60)
    expect(uploader.healthy()).toBe(false)
    gateway.state.down = false
    uploader.uplinkSeen()
    await vi.advanceTimersByTimeAsync(500)
    expect(empty()).toBe(true)
    expect(uploader.healthy()).toBe(true)
  })
  it("respects Retry-After, heartbeat or not", async () => {
    fill(["a"])
    gateway.state.refuse = new GatewayError("RATE_LIMITED", "slow down", 45_000)
    start()
    await vi.advanceTimersByTimeAsync(40_000)
    uploader.uplinkSeen()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(gateway.state.uploads).toBe(1)
    gateway.state.refuse = null
    await vi.advanceTimersByTimeAsync(2_000)
    expect(empty()).toBe(true)
  })
  it("asks seldom with a revoked key and loses nothing", async () => {
    fill(["a"])
    gateway.state.refuse = new GatewayError("UNAUTHENTICATED", "revoked")
    start()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(gateway.state.uploads).toBeLessThanOrEqual(10)
    expect(spool.depth().samples).toBe(1)
  })
  it("splits a batch that is refused whole and quarantines only the bad sample", async () => {
    const at = new Date().toISOString()
    spool.write(
      ["a", "b", "bad", "c"].map(
        (id) => ({ miner_id: id, online: true, collected_at: at }) as TelemetrySample,
      ),
    )
    spool.seal({ onlyFull: false })
    gateway.state.poison = (sample) => sample.miner_id === "bad"
    start()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(stored().toSorted()).toEqual(["a", "b", "c"])
    expect(spool.depth()).toMatchObject({ samples: 0, quarantined_samples: 1 })
  })
  it("quarantines what is rejected by index", async () => {
    fill(["a", "b"])
    gateway.state.reject = (sample) => sample.miner_id === "b"
    start()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(spool.depth()).toMatchObject({ samples: 0, quarantined_samples: 1 })
  })
  it("lets a batch on which the server fails step aside for the others", async () => {
    fill(["cursed", "a", "b"])
    const upload = gateway.api.upload
    gateway.api.upload = (batch, signal) =>
      batch.samples[0]?.miner_id === "cursed"
        ? Promise.reject(new GatewayError("INTERNAL", "internal error"))
        : upload(batch, signal)
    start()
    await vi.advanceTimersByTimeAsync(5 * 60_000)
    expect(stored()).toEqual(["a", "b"])
    expect(spool.depth().samples).toBe(1)
  })
  it("tries what is left once more when it ends", async () => {
    start()
    fill(["a", "b"])
    await vi.advanceTimersByTimeAsync(0)
    const ended = uploader.finish(3_000)
    await vi.advanceTimersByTimeAsync(1_000)
    await ended
    expect(stored().toSorted()).toEqual(["a", "b"])
  })
})
