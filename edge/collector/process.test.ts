import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import { childEnvironment } from "#server/config.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import { configOf, fakeGateway, leaseOf } from "./testing/fakes.ts"
import { serveWireGateway, WIRE_CODE } from "./testing/wire-gateway.ts"

/** A restart that was begun and not sent is certain after a minute and a half only. */
const PATIENCE_MS = 180_000
const MINERS = Array.from({ length: 24 }, (_, n) => `127.78.0.${n + 1}`)
let path = ""
let farm: Farm
let gateway: ReturnType<typeof fakeGateway>
let wire: Awaited<ReturnType<typeof serveWireGateway>>
let child: ChildProcess | null = null

function start() {
  child = spawn(process.execPath, ["edge/collector/main.ts"], {
    env: childEnvironment({
      LAMPROOM_SERVER_URL: wire.url.href,
      LAMPROOM_ENROLL_CODE: WIRE_CODE,
      LAMPROOM_COLLECTOR_KEY: undefined,
      LAMPROOM_CACHE_DIR: join(path, "cache"),
      LAMPROOM_LOG_LEVEL: "error",
    }),
    stdio: ["ignore", "ignore", "inherit"],
  })
}
async function end(signal: NodeJS.Signals): Promise<number | null> {
  const running = child
  child = null
  if (running === null) return null
  const ended = once(running, "exit")
  running.kill(signal)
  const [code] = (await ended) as [number | null]
  return code
}
const reboots = () => farm.acts().filter((act) => act.kind === "reboot-hard")
const minersStored = () => new Set(gateway.stored().map((sample) => sample.miner_id)).size
const commandFor = (address: string): LeasedCommand => {
  const sample = gateway.stored().find((each) => each.ip_address === address)
  return leaseOf({
    miner_id: sample?.miner_id as string,
    ip_address: address,
    mac: sample?.mac ?? null,
    serial: sample?.serial ?? null,
    parameters: { mode: "hard" },
  })
}

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), "lamproom-process-"))
  farm = await startFarm(
    { seed: 9, miners: MINERS.map((address) => ({ address, profile: "s19-pro" as const })) },
    { rpcPort: 14_028, webPort: 18_080, speed: 20 },
  )
  gateway = fakeGateway()
  gateway.state.config = {
    unchanged: false,
    ...configOf({ targets: [{ id: 1, value: "127.78.0.1-24:14028", web_port: 18_080, family: null }] }),
  }
  wire = await serveWireGateway(gateway)
})
afterEach(async () => {
  await end("SIGKILL")
  await wire.close()
  await farm.close()
  rmSync(path, { recursive: true, force: true })
})

describe("the collector's process", () => {
  it("stops cleanly on SIGTERM with everything uploaded", async () => {
    start()
    await gateway.until(() => minersStored() === MINERS.length)
    expect(await end("SIGTERM")).toBe(0)
    await gateway.api.event({
      instance_id: "x",
      type: "started",
      severity: "info",
      message: "",
      at: "2026-01-01T00:00:00Z",
    })
    expect(gateway.events.map((event) => event.type)).toContain("stopping")
  })
  it(
    "killed in the middle of uploads and commands: no sample twice, no reboot twice, no command without an end",
    async () => {
      start()
      await gateway.until(() => minersStored() === MINERS.length)
      const commands = MINERS.map(commandFor)
      gateway.state.loseAnswers = 3
      for (const command of commands) gateway.lease(command)
      await gateway.until(() => gateway.results.length >= 4)
      await end("SIGKILL")
      // The server's part: what has no result yet is leased again, under a newer token.
      const again = () => commands.filter((c) => !gateway.results.some((r) => r.id === c.id))
      for (const command of again()) gateway.lease({ ...command, fencing_token: "11" })
      start()
      await gateway.until(() => again().length === 0)
      const counts = Map.groupBy(reboots(), (act) => act.address)
      for (const [address, acts] of counts) expect([address, acts.length]).toEqual([address, 1])
      for (const command of commands) {
        const code = gateway.results.find((result) => result.id === command.id)?.result_code
        const ran = counts.has(command.ip_address as string)
        expect([command.ip_address, code === 5 ? "unknown" : code === 0]).toEqual([
          command.ip_address,
          code === 5 ? "unknown" : ran,
        ])
      }
      const keys = gateway.stored().map((sample) => `${sample.miner_id} ${sample.collected_at}`)
      expect(new Set(keys).size).toBe(keys.length)
    },
    PATIENCE_MS,
  )
})
