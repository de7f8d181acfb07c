import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { driverFor, identifyMiner } from "#edge/drivers/registry.ts"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import { sampleSchema } from "#server/contract/telemetry.ts"
import { silentLog } from "#server/log.ts"
import { createEnrollCall, createGatewayClient } from "./client/gateway-client.ts"
import { createPause } from "./client/pause.ts"
import { type Collector, startCollector } from "./collector.ts"
import { obtainKey } from "./enroll.ts"
import { type CacheDir, openCacheDir, StartupError } from "./state/cache-dir.ts"
import { readOrCreateEdgeIdentity } from "./state/edge-identity.ts"
import { configOf, fakeGateway, leaseOf } from "./testing/fakes.ts"
import { serveWireGateway, WIRE_CODE } from "./testing/wire-gateway.ts"

const ADDRESSES = ["127.77.0.1", "127.77.0.2", "127.77.0.3"]
let path = ""
let dir: CacheDir
let farm: Farm
let gateway: ReturnType<typeof fakeGateway>
let wire: Awaited<ReturnType<typeof serveWireGateway>>
let collector: Collector | null = null

const targets = () =>
  ADDRESSES.map((address, index) => {
    const { host, rpcPort, webPort } = farm.target(address)
    return { id: index, value: `${host}:${rpcPort}`, web_port: webPort, family: null }
  })
const enroll = (code: string | undefined, configuredKey?: string) => {
  const never = new AbortController()
  return obtainKey({
    dir,
    identity: readOrCreateEdgeIdentity(dir),
    configuredKey,
    code,
    edgeVersion: "test",
    enroll: createEnrollCall(wire.url),
    log: silentLog,
    pause: createPause(never.signal),
    stopped: () => false,
  })
}
async function start() {
  const key = (await enroll(WIRE_CODE)) as string
  const identity = readOrCreateEdgeIdentity(dir)
  collector = startCollector({
    dir,
    identity,
    gateway: createGatewayClient({ serverUrl: wire.url, key, instanceId: identity.instanceId }),
    drivers: { identify: (context, family) => identifyMiner(context, { family }), driverOf: driverFor },
    log: silentLog,
    pollConcurrency: 8,
    spoolMaxBytes: 1e8,
  })
}

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), "lamproom-collector-"))
  dir = openCacheDir(join(path, "cache"))
  farm = await startFarm(
    {
      seed: 7,
      miners: [
        { address: "127.77.0.1", profile: "s19-pro" },
        { address: "127.77.0.2", profile: "m30s" },
        { address: "127.77.0.3", profile: "s19j-pro", faults: ["offline"] },
      ],
    },
    { rpcPort: 0, webPort: 0, speed: 50 },
  )
  gateway = fakeGateway()
  gateway.state.config = {
    unchanged: false,
    ...configOf({ version: 3, targets: targets() }),
  }
  wire = await serveWireGateway(gateway)
})
afterEach(async () => {
  await collector?.stop()
  collector = null
  await wire.close()
  await farm.close()
  dir.release()
  rmSync(path, { recursive: true, force: true })
})

describe("enrolment", () => {
  it("trades the code for a key once, keeps it private, and sends the public key", async () => {
    const key = await enroll(WIRE_CODE)
    expect(await enroll(WIRE_CODE)).toBe(key)
    expect(await enroll(undefined)).toBe(key)
    expect(wire.seen.enrolled).toHaveLength(1)
    expect(wire.seen.enrolled[0]?.public_key).toMatch(/^[A-Za-z0-9_-]{43}$/)
    for (const file of ["collector-key", "private-key.json", "instance.json"])
      expect(statSync(dir.file(file)).mode & 0o777).toBe(0o600)
  })
  it("says what is wrong with a code, a key, or neither", async () => {
    await expect(enroll("WRONG-CODE-1234")).rejects.toThrow(/refused the enrolment code/)
    await expect(enroll(undefined)).rejects.toThrow(/not enrolled/)
    await expect(enroll(undefined, "hsc_short")).rejects.toThrow(StartupError)
  })
  it("goes on with its key when a later code is refused", async () => {
    const key = await enroll(WIRE_CODE)
    expect(await enroll("WRONG-CODE-1234")).toBe(key)
  })
  it("never shares its directory", () => {
    expect(() => openCacheDir(dir.path)).toThrow(/Another collector/)
  })
})

describe("collector against simulated miners", () => {
  it("finds, reads and uploads what answers, and nothing of what does not", async () => {
    await start()
    await gateway.until(() => new Set(gateway.stored().map((s) => s.miner_id)).size >= 2)
    const samples = gateway.stored()
    for (const sample of samples) expect(sampleSchema.parse(sample).online).toBe(true)
    expect(new Set(samples.map((s) => s.make))).toEqual(new Set(["Antminer", "WhatsMiner"]))
    expect(wire.seen.encodings).toEqual(new Set(["zstd"]))
    expect(gateway.beats[0]).toMatchObject({ miners_known: 0, config_version: 0 })
    expect(collector?.health()).toMatchObject({ site: "test", config_version: 3, miners_known: 2 })
  })
  it("runs a command once, answers its redelivery from the journal, and acks both", async () => {
    await start()
    await gateway.until(() => gateway.stored().some((s) => s.model?.includes("S19")))
    const sample = gateway.stored().find((s) => s.model?.includes("S19"))
    const lease = leaseOf({
      miner_id: sample?.miner_id as string,
      ip_address: "127.77.0.1",
      mac: sample?.mac ?? null,
      serial: sample?.serial ?? null,
      parameters: { mode: "hard" },
    })
    gateway.lease(lease)
    await gateway.until(() => gateway.results.length >= 1)
    gateway.lease({ ...lease, fencing_token: "11" })
    await gateway.until(() => gateway.results.length >= 2)
    expect(gateway.results.map((r) => [r.fencing_token, r.result_code])).toEqual([
      ["10", 0],
      ["11", 0],
    ])
    expect(farm.acts("127.77.0.1").filter((act) => act.kind === "reboot-hard")).toHaveLength(1)
  })
  it("loses nothing over a cut line and a stop: what was read comes with the next start", async () => {
    await start()
    await gateway.until(() => gateway.stored().length >= 2)
    await collector?.stop()
    gateway.state.down = true
    const before = gateway.stored().length
    dir.release()
    dir = openCacheDir(dir.path)
    await start()
    const uploads = gateway.state.uploads
    await new Promise<void>((resolve) => {
      const upload = gateway.api.upload
      gateway.api.upload = (batch) => {
        if (gateway.state.uploads > uploads) resolve()
        return upload(batch)
      }
    })
    await collector?.stop()
    expect(gateway.stored()).toHaveLength(before)
    gateway.state.down = false
    dir.release()
    dir = openCacheDir(dir.path)
    await start()
    await gateway.until(() => gateway.stored().length > before)
    const keys = gateway.stored().map((s) => `${s.miner_id} ${s.collected_at}`)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
