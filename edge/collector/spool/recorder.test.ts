import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import { silentLog } from "#server/log.ts"
import { createEdgeEvents } from "../beat/events.ts"
import { fakeGateway } from "../testing/fakes.ts"
import { createRecorder, type Recorder } from "./recorder.ts"
import { openSpool, type Spool } from "./spool.ts"

let dir = ""
let spool: Spool
let recorder: Recorder
let gateway: ReturnType<typeof fakeGateway>
let events: ReturnType<typeof createEdgeEvents>
const line = { healthy: true }

const sample = (id: string) =>
  ({ miner_id: id, online: true, collected_at: new Date().toISOString() }) as TelemetrySample
function start() {
  recorder = createRecorder({
    spool,
    log: silentLog,
    events,
    nowMs: () => performance.now(),
    uplinkHealthy: () => line.healthy,
    onSealed: () => {},
  })
}
beforeEach(() => {
  vi.useFakeTimers()
  line.healthy = true
  dir = mkdtempSync(join(tmpdir(), "lamproom-recorder-"))
  spool = openSpool({ file: join(dir, "s.db"), edgeVersion: "1", maxBytes: 1e9, nowMs: Date.now }).spool
  gateway = fakeGateway()
  events = createEdgeEvents({
    instanceId: "x",
    log: silentLog,
    iso: () => new Date().toISOString(),
    gateway: () => gateway.api,
  })
  start()
})
afterEach(() => {
  recorder.stop()
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

it("has a sample on disk within moments and in a batch within the window", async () => {
  recorder.record(sample("a"))
  await vi.advanceTimersByTimeAsync(250)
  expect(spool.openCount()).toBe(1)
  recorder.record(sample("b"))
  await vi.advanceTimersByTimeAsync(1_500)
  expect(spool.openCount()).toBe(0)
  expect(spool.depth()).toMatchObject({ batches: 1, samples: 2 })
})
it("makes one batch of what trickles in through a long interval's window", async () => {
  recorder.setPollInterval(60_000)
  for (let n = 0; n < 10; n += 1) {
    recorder.record(sample(`m${n}`))
    await vi.advanceTimersByTimeAsync(400)
  }
  await vi.advanceTimersByTimeAsync(3_000)
  expect(spool.depth()).toMatchObject({ batches: 1, samples: 10 })
})
it("lets batches fill while the line is cut, and closes them when it is back", async () => {
  line.healthy = false
  for (let n = 0; n < 20; n += 1) {
    recorder.record(sample(`m${n}`))
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(spool.depth()).toMatchObject({ batches: 0, samples: 20 })
  line.healthy = true
  await vi.advanceTimersByTimeAsync(6_000)
  expect(spool.depth()).toMatchObject({ batches: 1, samples: 20 })
})
it("seals what an earlier run left open", async () => {
  spool.write([sample("a")])
  start()
  await vi.advanceTimersByTimeAsync(100)
  expect(spool.depth()).toMatchObject({ batches: 1, samples: 1 })
})
it("goes on in memory while the disk is full, says so once, and writes everything when there is room", async () => {
  const write = spool.write
  spool.write = () => {
    throw Object.assign(new Error("database or disk is full"), { errcode: 13 })
  }
  for (let n = 0; n < 5; n += 1) {
    recorder.record(sample(`m${n}`))
    await vi.advanceTimersByTimeAsync(6_000)
  }
  await events.flush()
  expect(gateway.events.map((event) => event.type)).toEqual(["disk_full"])
  spool.write = write
  await vi.advanceTimersByTimeAsync(12_000)
  expect(spool.depth().samples).toBe(5)
  expect(recorder.flush()).toBe(true)
})
