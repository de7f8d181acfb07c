import { createHash } from "node:crypto"
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { silentLog } from "#server/log.ts"
import { GatewayError } from "../client/gateway-error.ts"
import { fakeGateway } from "../testing/fakes.ts"
import { type ArtifactStore, createArtifactStore } from "./artifact-store.ts"

let dir = ""
let gateway: ReturnType<typeof fakeGateway>
let store: ArtifactStore
const boot = (maxBytes = 10_000) => {
  store = createArtifactStore({
    directory: dir,
    gateway: () => gateway.api,
    log: silentLog,
    random: () => 0,
    pieceGapMs: 0,
    maxBytes,
  })
}
const file = (seed: string, bytes = 2_500) => {
  const text = Buffer.alloc(bytes)
  for (let n = 0; n < bytes; n += 32) createHash("sha256").update(`${seed}${n}`).digest().copy(text, n)
  return text
}
const never = new AbortController().signal
const wanted = (seed: string, bytes?: number) => gateway.offer(file(seed, bytes))

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), "lamproom-artifacts-")), "artifacts")
  gateway = fakeGateway()
  gateway.state.pieceBytes = 1_000
  boot()
})
afterEach(() => rmSync(join(dir, ".."), { recursive: true, force: true }))

describe("firmware files on the collector's disk", () => {
  it("are fetched in pieces, once for all who want them, and not again", async () => {
    const artifact = wanted("a")
    const held = await Promise.all(Array.from({ length: 20 }, () => store.obtain(artifact, never)))
    expect(gateway.state.pieces).toBe(3)
    expect(readFileSync(held[0]?.file.path as string).equals(file("a"))).toBe(true)
    boot()
    await store.obtain(artifact, never)
    expect(gateway.state.pieces).toBe(3)
  })
  it("that were cut are continued where they stopped, over a cut line and over a restart", async () => {
    const artifact = wanted("a")
    const stop = new AbortController()
    gateway.state.damage = (piece) => {
      if (gateway.state.pieces === 2) stop.abort()
      return piece
    }
    await expect(store.obtain(artifact, stop.signal)).rejects.toThrow(/abort/i)
    boot()
    const asked: number[] = []
    const { artifact: ask } = gateway.api
    gateway.api.artifact = (id, offset) => {
      asked.push(offset)
      if (asked.length === 1) throw new GatewayError("RATE_LIMITED", "slow down", 1)
      return ask(id, offset)
    }
    const { file: fetched } = await store.obtain(artifact, never)
    expect(asked[0]).toBeGreaterThanOrEqual(1_000)
    expect(asked[1]).toBe(asked[0])
    expect(readFileSync(fetched.path).equals(file("a"))).toBe(true)
  })
  it("that came damaged are fetched again once, and then given up", async () => {
    const artifact = wanted("a")
    gateway.state.damage = (piece) => (gateway.state.pieces === 2 ? Buffer.alloc(piece.length) : piece)
    await store.obtain(artifact, never)
    expect(gateway.state.pieces).toBe(6)
    const other = wanted("b")
    gateway.state.damage = (piece) => Buffer.alloc(piece.length)
    await expect(store.obtain(other, never)).rejects.toThrow(/twice with a wrong checksum/)
    expect(gateway.state.pieces).toBe(12)
    expect(readdirSync(dir)).toEqual([`${artifact.sha256}.bin`])
  })
  it("that rotted on the disk are noticed by the next start", async () => {
    const artifact = wanted("a")
    const { file: stored, release } = await store.obtain(artifact, never)
    release()
    writeFileSync(stored.path, Buffer.alloc(2_500))
    boot()
    const again = await store.obtain(artifact, never)
    expect(readFileSync(again.file.path).equals(file("a"))).toBe(true)
    expect(gateway.state.pieces).toBe(6)
  })
  it("are refused when the server offers another file, an endless one, or none", async () => {
    const artifact = wanted("a")
    await expect(store.obtain({ ...artifact, size_bytes: 9_000 }, never)).rejects.toThrow(/another file/)
    gateway.state.damage = () => Buffer.alloc(0)
    await expect(store.obtain(artifact, never)).rejects.toThrow(/does not fit/)
    gateway.state.damage = () => Buffer.alloc(5_000)
    await expect(store.obtain(artifact, never)).rejects.toThrow(/does not fit/)
    gateway.state.refuse = new GatewayError("NOT_FOUND", "no such file")
    await expect(store.obtain(artifact, never)).rejects.toThrow(/does not give the file/)
  })
  it("never take more than their share of the disk: the longest unused go, those in use stay", async () => {
    const [a, b, c] = [wanted("a", 4_000), wanted("b", 4_000), wanted("c", 4_000)]
    const first = await store.obtain(a, never)
    first.release()
    utimesSync(first.file.path, 1, 1)
    const second = await store.obtain(b, never)
    const third = await store.obtain(c, never)
    expect(existsSync(first.file.path)).toBe(false)
    expect(existsSync(second.file.path)).toBe(true)
    await expect(store.obtain(wanted("d", 4_000), never)).rejects.toThrow(/take the room/)
    await expect(store.obtain(wanted("e", 11_000), never)).rejects.toThrow(/larger/)
    for (const held of [second, third]) held.release()
    await store.prune(Date.now() + 6 * 86_400_000)
    expect(existsSync(second.file.path)).toBe(true)
    await store.prune(Date.now() + 8 * 86_400_000)
    expect(readdirSync(dir)).toEqual([])
  })
  it("are not fetched for nobody: the last one who leaves ends the download", async () => {
    const artifact = wanted("a")
    const [one, two] = [new AbortController(), new AbortController()]
    gateway.state.damage = (piece) => {
      if (gateway.state.pieces === 1) one.abort()
      return piece
    }
    const first = store.obtain(artifact, one.signal)
    const second = store.obtain(artifact, two.signal)
    await expect(first).rejects.toThrow(/abort/i)
    expect((await second).file.sizeBytes).toBe(2_500)
  })
})
