import "../collector/lean-heap.ts"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { silentLog } from "#server/log.ts"
import type { KnownMiner } from "../collector/poll/identity-map.ts"
import { readMiner } from "../collector/poll/read-miner.ts"
import { sampleOf } from "../collector/poll/sample.ts"
import { createWorkQueue } from "../collector/poll/work-queue.ts"
import { createRecorder } from "../collector/spool/recorder.ts"
import { openSpool } from "../collector/spool/spool.ts"
import type { Identity } from "../drivers/driver.ts"
import { DEFAULT_TEMP_LIMITS } from "../drivers/limits.ts"
import { driverFor, identifyMiner } from "../drivers/registry.ts"
import { floorAddresses } from "./floor.ts"

/**
 * The collector's own way from a socket to the spool at full speed, without its rhythm: every machine read once by its
 * driver, every sample on disk. Prints `{"machines","seconds","rss_mb"}`.
 */
const [networks = "", count = "0", parallel = "256"] = process.argv.slice(2)
const stop = new AbortController()
const limits = DEFAULT_TEMP_LIMITS
const hosts = floorAddresses(networks.split(","), Number(count))

/** The four models of the floor come in turn; one of each is asked who it is, and stands for its like. */
const identities: Identity[] = []
for (const host of hosts.slice(0, 4)) {
  const identity = await identifyMiner({
    address: { host, rpcPort: 4028, webPort: 80 },
    credentials: null,
    limits,
    signal: stop.signal,
  })
  if (!identity.ok) throw new Error(identity.fault.message)
  identities.push(identity.value)
}

const folder = mkdtempSync(join(tmpdir(), "lamproom-poll-"))
const { spool } = openSpool({
  file: join(folder, "spool.db"),
  edgeVersion: "bench",
  maxBytes: 1e9,
  nowMs: Date.now,
})
const recorder = createRecorder({
  spool,
  log: silentLog,
  events: { tell: () => undefined } as never,
  nowMs: () => performance.now(),
  uplinkHealthy: () => true,
  onSealed: () => undefined,
})
const failures: string[] = []
const queue = createWorkQueue(Number(parallel), (error) => {
  throw error
})
const began = performance.now()
for (const [at, host] of hosts.entries()) {
  const identity = identities[at % identities.length]!
  const address = { host, rpcPort: 4028, webPort: 80, family: null }
  const miner = {
    minerId: `bench-${at}`,
    address,
    identity,
    mac: null,
    serial: null,
  } as unknown as KnownMiner
  queue.add(async () => {
    const driver = driverFor(identity.family)!
    const input = { driver, identity, address, limits, retry: true, random: Math.random, stop: stop.signal }
    const reading = await readMiner(input as never)
    if (reading.ok) recorder.record(sampleOf(miner, reading.value, new Date().toISOString()))
    else failures.push(reading.fault.message)
  })
}
await queue.idle()
recorder.flush()
const seconds = (performance.now() - began) / 1000
if (failures.length > 0) throw new Error(`${failures.length} machines were not read: ${failures[0]}`)
const rssMb = process.resourceUsage().maxRSS / 1024
process.stdout.write(`${JSON.stringify({ machines: hosts.length, seconds, rss_mb: rssMb })}\n`)
recorder.stop()
rmSync(folder, { recursive: true })
process.exit(0)
