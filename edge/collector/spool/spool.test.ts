import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import { openSpool, type Spool } from "./spool.ts"

const HORIZON_MS = 30_000
let dir = ""
let now = Date.parse("2026-01-01T00:00:00Z")
let spool: Spool

const sample = (id: string, at = now): TelemetrySample => ({
  miner_id: id,
  online: true,
  hashrate_ghs: 100_000,
  collected_at: new Date(at).toISOString(),
})
const open = (maxBytes = 1e9) =>
  openSpool({ file: join(dir, "offline_cache.db"), edgeVersion: "1", maxBytes, nowMs: () => now })
/** A second connection, as after kill -9: the first is never closed. */
const reopen = () => {
  spool = open().spool
  return spool
}
const drain = () => {
  const ids: string[] = []
  for (let entry = spool.next("backlog", -1); entry; entry = spool.next("backlog", -1)) {
    ids.push(...entry.batch.samples.map((s) => s.miner_id))
    spool.finish(entry, [])
  }
  return ids
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lamproom-spool-"))
  now = Date.parse("2026-01-01T00:00:00Z")
  spool = open().spool
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe("spool", () => {
  it("keeps open samples and batches over a crash, each sample once", () => {
    spool.write([sample("a"), sample("b")])
    spool.seal({ onlyFull: false })
    spool.write([sample("c")])
    reopen()
    expect(spool.openCount()).toBe(1)
    spool.seal({ onlyFull: false })
    expect(drain()).toEqual(["a", "b", "c"])
    expect(spool.depth()).toMatchObject({ batches: 0, samples: 0, bytes: 0, oldest_at: null })
  })
  it("never changes a batch that was written: same id and same bytes at every try", () => {
    spool.write([sample("a")])
    spool.seal({ onlyFull: false })
    const first = spool.next("fresh", HORIZON_MS)
    reopen()
    expect(spool.next("fresh", HORIZON_MS)).toEqual(first)
    expect(first?.batch.batch_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/)
  })
  it("makes batches of at most 500 and leaves a remainder open when told", () => {
    spool.write(Array.from({ length: 1_203 }, (_, n) => sample(`m${n}`)))
    expect(spool.seal({ onlyFull: true })).toBe(2)
    expect(spool.openCount()).toBe(203)
    expect(spool.seal({ onlyFull: false })).toBe(1)
    expect(drain()).toHaveLength(1_203)
  })
  it("never puts one miner twice into a batch, and keeps the order", () => {
    for (const round of [1, 2, 3])
      for (const id of ["A", "b", "c"]) spool.write([{ ...sample(id), uptime_seconds: round }])
    spool.write([sample("a")])
    expect(spool.seal({ onlyFull: true })).toBe(3)
    expect(spool.openCount()).toBe(1)
    reopen()
    expect(spool.seal({ onlyFull: false })).toBe(1)
    expect(drain()).toEqual(["A", "b", "c", "A", "b", "c", "A", "b", "c", "a"])
  })
  it("gives the fresh lane what is young and the backlog the rest, oldest first", () => {
    for (const [id, ageMs] of [
      ["old-1", 3_600_000],
      ["old-2", 1_800_000],
      ["young-1", 20_000],
      ["young-2", 1_000],
    ] as const) {
      spool.write([sample(id, now - ageMs)])
      spool.seal({ onlyFull: false })
    }
    const head = (lane: "fresh" | "backlog") => spool.next(lane, HORIZON_MS)?.batch.samples[0]?.miner_id
    expect([head("fresh"), head("backlog")]).toEqual(["young-1", "old-1"])
    const first = spool.next("backlog", HORIZON_MS)
    if (first) spool.finish(first, [])
    expect(head("backlog")).toBe("old-2")
    now += 60_000
    expect(head("fresh")).toBeUndefined()
    expect(drain()).toEqual(["old-2", "young-1", "young-2"])
  })
  it("keeps a rejected sample in quarantine, the rest is gone", () => {
    spool.write([sample("a"), sample("b")])
    spool.seal({ onlyFull: false })
    const entry = spool.next("fresh", HORIZON_MS)
    if (entry) spool.finish(entry, [{ index: 1, reason: "clock_skew", message: "too old" }])
    expect(spool.depth()).toMatchObject({ samples: 0, quarantined_samples: 1 })
  })
  it("splits a batch that is refused whole until the bad sample stands alone in quarantine", () => {
    spool.write(Array.from({ length: 9 }, (_, n) => sample(`m${n}`)))
    spool.seal({ onlyFull: false })
    const stored: string[] = []
    for (let entry = spool.next("fresh", HORIZON_MS); entry; entry = spool.next("fresh", HORIZON_MS)) {
      const ids = entry.batch.samples.map((s) => s.miner_id)
      if (ids.includes("m4")) spool.splitOrQuarantine(entry, "invalid", "refused")
      else {
        stored.push(...ids)
        spool.finish(entry, [])
      }
    }
    expect(stored.toSorted()).toEqual(["m0", "m1", "m2", "m3", "m5", "m6", "m7", "m8"])
    expect(spool.depth().quarantined_samples).toBe(1)
  })
  it("lets others go first while a batch is postponed, over a restart too", () => {
    for (const id of ["a", "b"]) {
      spool.write([sample(id)])
      spool.seal({ onlyFull: false })
    }
    const first = spool.next("fresh", HORIZON_MS)
    if (first) spool.postpone(first, now + 5_000)
    reopen()
    expect(spool.next("fresh", HORIZON_MS)?.batch.samples[0]?.miner_id).toBe("b")
    now += 5_000
    expect(spool.next("fresh", HORIZON_MS)).toMatchObject({ attempts: 1, seq: first?.seq })
  })
  it("drops what is older than a day and counts it for good", () => {
    spool.write([sample("old")])
    spool.seal({ onlyFull: false })
    now += 24 * 3_600_000 + 1
    spool.write([sample("new")])
    spool.seal({ onlyFull: false })
    expect(spool.enforceBounds(new Set())).toBe(1)
    expect(spool.enforceBounds(new Set())).toBe(0)
    reopen()
    expect(spool.depth().dropped_samples).toBe(1)
    expect(drain()).toEqual(["new"])
  })
  it("drops the oldest beyond its size, never a batch on its way", () => {
    spool.close()
    spool = open(2_000).spool
    for (let n = 0; n < 300; n += 1) {
      spool.write([sample(`m${n}`)])
      spool.seal({ onlyFull: false })
      now += 1_000
    }
    const first = spool.next("backlog", HORIZON_MS)
    const dropped = spool.enforceBounds(new Set([first?.seq as number]))
    expect(dropped).toBeGreaterThan(250)
    expect(spool.depth().bytes).toBeLessThanOrEqual(2_000 + 300)
    const left = drain()
    expect(left[0]).toBe("m0")
    expect(left.at(-1)).toBe("m299")
    expect(left.length + dropped).toBe(300)
  })
  it("moves a broken file aside and begins a new one", () => {
    spool.close()
    writeFileSync(join(dir, "offline_cache.db"), "this is no database, it only looks long enough".repeat(200))
    const opened = open()
    spool = opened.spool
    expect(opened.movedAside).toContain("corrupt")
    spool.write([sample("a")])
    spool.seal({ onlyFull: false })
    expect(drain()).toEqual(["a"])
    expect(readdirSync(dir).some((name) => name.includes(".corrupt-"))).toBe(true)
  })
  it("quarantines a batch whose payload was damaged instead of stopping at it", () => {
    for (const id of ["a", "b"]) {
      spool.write([sample(id)])
      spool.seal({ onlyFull: false })
    }
    const other = new DatabaseSync(join(dir, "offline_cache.db"))
    other.exec("UPDATE batches SET payload = x'00ff00' WHERE seq = 1")
    other.close()
    expect(drain()).toEqual(["b"])
    expect(spool.depth().quarantined_samples).toBe(1)
  })
})
