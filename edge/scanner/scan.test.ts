import { createServer, type Server, type Socket } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import type { DriverContext, Identity } from "#edge/drivers/driver.ts"
import { DEFAULT_TEMP_LIMITS } from "#edge/drivers/limits.ts"
import { driverFor, identifyMiner } from "#edge/drivers/registry.ts"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import { demoSpec } from "#edge/simulator/farm-spec.ts"
import { type AddressRange, mergeRanges, parseAddressRange } from "#server/contract/address-ranges.ts"
import { fault, ok } from "#server/contract/driver-faults.ts"
import { foundLine } from "./found-line.ts"
import { type FoundMachine, type ScanOptions, scanAddresses, type UnknownDevice } from "./scan.ts"
import { socketLimit } from "./socket-limit.ts"

const PORT = 40_280
const NETWORK = "127.83.0"
const closing: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A host that does with each connection what it is told, and counts. */
async function host(last: number, serve: (socket: Socket) => void, port = PORT) {
  const sockets = new Set<Socket>()
  const seen = { connections: 0, open: 0, most: 0, bytes: "" }
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    seen.connections += 1
    seen.open += 1
    seen.most = Math.max(seen.most, seen.open)
    socket.on("error", () => socket.destroy())
    socket.on("data", (chunk) => {
      seen.bytes += chunk.toString()
    })
    socket.once("close", () => {
      seen.open -= 1
      sockets.delete(socket)
    })
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(port, `${NETWORK}.${last}`, resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return seen
}
const says = (text: string) => (socket: Socket) => void socket.once("data", () => socket.end(text))
const silent = () => undefined

const identity: Identity = {
  family: "generic-cgminer",
  make: "cgminer",
  model: "U8",
  firmware: null,
  firmwareVersion: null,
  mac: null,
  serial: "SN-1",
  confidence: 0.5,
  evidence: ["version"],
}
const of = (...texts: string[]) => mergeRanges(texts.map((text) => parseAddressRange(text) as AddressRange))

async function scan(more: Partial<ScanOptions> = {}) {
  const machines: FoundMachine[] = []
  const devices: UnknownDevice[] = []
  const asked: string[] = []
  const last = await scanAddresses({
    ranges: of(`${NETWORK}.0/24`),
    ports: [PORT],
    connectTimeoutMs: 500,
    speakTimeoutMs: 150,
    limits: DEFAULT_TEMP_LIMITS,
    identify: async (context) => {
      asked.push(`${context.address.host}:${context.address.rpcPort}`)
      return ok(identity)
    },
    onMachine: (machine) => machines.push(machine),
    onDevice: (device) => devices.push(device),
    ...more,
  })
  return { last, machines, devices, asked }
}

describe("scanAddresses", () => {
  it("A21 finds the machine among empty addresses, and asks only what speaks who it is", async () => {
    await host(7, says('{"VERSION":[{}]}\0'))
    await host(9, silent)
    const { last, machines, devices, asked } = await scan()
    expect(asked).toEqual([`${NETWORK}.7:${PORT}`])
    expect(machines).toMatchObject([{ host: `${NETWORK}.7`, rpcPort: PORT, webPort: 80, ports: [PORT] }])
    expect(devices).toEqual([
      { host: `${NETWORK}.9`, ports: [PORT], seen: [`${PORT} accepts and says nothing`] },
    ])
    expect(last).toMatchObject({ total: 254, done: 254, found: 1, unknown: 1, closed: 252, absent: 0 })
  })
  it("says what it saw of a device that is no miner, without anything that could move a cursor", async () => {
    await host(
      5,
      says(
        'HTTP/1.1 401 No\r\nServer: mini\r\nWWW-Authenticate: Basic realm="Switch \x1b[2J7"\r\n\r\n<title>Login</title>',
      ),
    )
    const { devices } = await scan({ identify: async () => fault("unsupported", "no miner") })
    expect(devices[0]?.seen).toEqual([`${PORT} HTTP 401 "mini" "Switch  [2J7" "Login"`])
  })
  it("takes a driver that throws for no miner, and goes on", async () => {
    await host(5, says("x"))
    await host(6, says("x"))
    const { last } = await scan({ identify: () => Promise.reject(new Error("broken")) })
    expect(last).toMatchObject({ found: 0, unknown: 2, done: 254 })
  })
  it("keeps within its sockets when many hosts keep silent", async () => {
    const hosts = await Promise.all(Array.from({ length: 60 }, (_, at) => host(at + 1, silent)))
    const open = { now: 0, most: 0 }
    const { last } = await scan({
      sockets: 16,
      onProgress: () => {
        open.now = hosts.reduce((sum, one) => sum + one.open, 0)
        open.most = Math.max(open.most, open.now)
      },
      progressEveryMs: 5,
    })
    expect(last).toMatchObject({ unknown: 60, done: 254 })
    expect(open.most).toBeGreaterThan(0)
    expect(open.most).toBeLessThanOrEqual(16)
  })
  it("ends soon after the signal, and a later scan goes on where it stood", async () => {
    await host(200, says("x"))
    const stop = new AbortController()
    const first = await scan({
      sockets: 16,
      signal: stop.signal,
      addressesPerSecond: 400,
      progressEveryMs: 5,
      onProgress: (progress) => progress.done >= 20 && stop.abort(),
    })
    expect(first.last.done).toBeLessThan(254)
    const second = await scan({ resume: { position: first.last.position, counts: first.last } })
    expect(second.last.done).toBeGreaterThanOrEqual(254)
    expect([...first.machines, ...second.machines].length).toBeGreaterThanOrEqual(1)
  })
  it("tells its progress, and what it skips is done", async () => {
    const told: number[] = []
    const { last } = await scan({
      skip: (address) => !address.endsWith(".8"),
      onProgress: (progress) => told.push(progress.done),
      progressEveryMs: 1,
    })
    expect(last).toMatchObject({ done: 254, closed: 1 })
    expect(told.at(-1)).toBe(254)
    expect(told.toSorted((a, b) => a - b)).toEqual(told)
  })
  it("asks a rig at its program's port by the web", async () => {
    const asked: DriverContext["address"][] = []
    await host(3, says("HTTP/1.1 200 OK\r\n\r\n{}"), 4067)
    await scan({
      gpu: true,
      ports: [],
      ranges: of(`${NETWORK}.3`),
      identify: async ({ address }) => {
        asked.push(address)
        return ok({ ...identity, family: "gpu-trex" })
      },
    })
    expect(asked).toEqual([{ host: `${NETWORK}.3`, rpcPort: 4028, webPort: 4067 }])
  })
})

describe("scan with the real drivers", () => {
  it("A21 finds each machine of the simulated farm as what it is, and writes to none", async () => {
    const spec = demoSpec()
    const moved = (address: string) => address.replace(/^127\.(\d)\./, "127.8$1.")
    const miners = spec.miners
      .filter((miner) => !miner.faults?.includes("offline"))
      .map((miner) => ({ ...miner, address: moved(miner.address) }))
    const farm: Farm = await startFarm({ ...spec, miners })
    closing.push(() => farm.close())
    const found = new Map<string, FoundMachine>()
    await scanAddresses({
      ranges: of("127.81.0.0/24", "127.82.0.0/24"),
      limits: DEFAULT_TEMP_LIMITS,
      identify: (context) => identifyMiner(context),
      onMachine: (machine) => found.set(machine.host, machine),
    })
    expect([...found.keys()].toSorted()).toEqual(miners.map((miner) => miner.address).toSorted())
    for (const machine of found.values()) expect(driverFor(machine.identity.family)).not.toBeNull()
    expect(farm.acts().filter((act) => act.kind !== "fault")).toEqual([])
  })
})

describe("lines and limits", () => {
  it("borrows a MAC that the machine does not tell, and says so", () => {
    const machine = {
      host: "10.0.0.1",
      rpcPort: 4028,
      webPort: 80,
      ports: [80, 4028],
      identity,
      needsLogin: false,
    }
    const line = foundLine(machine, "aa:bb:cc:00:00:01")
    expect(line.mac).toBe("aa:bb:cc:00:00:01")
    expect(line.evidence).toContain("MAC from the neighbour table")
    expect(
      foundLine({ ...machine, identity: { ...identity, mac: "aa:bb:cc:00:00:02" } }, "aa:bb:cc:00:00:01").mac,
    ).toBe("aa:bb:cc:00:00:02")
  })
  it("opens no more sockets than the process may", () => {
    expect(socketLimit(512, 20_000)).toBe(512)
    expect(socketLimit(9_000, 20_000)).toBe(4_096)
    expect(socketLimit(512, 256)).toBe(160)
    expect(socketLimit(512, 10)).toBe(16)
  })
})
