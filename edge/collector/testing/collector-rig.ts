import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { driverFor, identifyMiner } from "#edge/drivers/registry.ts"
import type { CommandResult, EdgeConfig, LeasedCommand } from "#server/contract/edge.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import { silentLog } from "#server/log.ts"
import { createGatewayClient } from "../client/gateway-client.ts"
import { type Collector, startCollector } from "../collector.ts"
import { openCacheDir } from "../state/cache-dir.ts"
import { type EdgeIdentity, readOrCreateEdgeIdentity } from "../state/edge-identity.ts"
import { configOf, fakeGateway, leaseOf } from "./fakes.ts"
import { serveWireGateway, WIRE_KEY } from "./wire-gateway.ts"

type Target = { host: string; rpcPort: number; webPort: number | null }

/** A whole collector with the real drivers between a gateway on loopback and the machines at these targets. */
export async function collectorRig(machines: Target[], more: Partial<EdgeConfig> = {}) {
  const path = mkdtempSync(join(tmpdir(), "lamproom-rig-"))
  const gateway = fakeGateway()
  const wire = await serveWireGateway(gateway)
  const targets = machines.map(({ host, rpcPort, webPort }, id) => ({
    id,
    value: `${host}:${rpcPort}`,
    web_port: webPort,
    family: null,
  }))
  gateway.state.config = { unchanged: false, ...configOf({ targets, ...more }) }
  const start = () => {
    const dir = openCacheDir(join(path, "cache"))
    const identity: EdgeIdentity = readOrCreateEdgeIdentity(dir)
    const collector: Collector = startCollector({
      dir,
      identity,
      gateway: createGatewayClient({ serverUrl: wire.url, key: WIRE_KEY, instanceId: identity.instanceId }),
      drivers: { identify: (context, family) => identifyMiner(context, { family }), driverOf: driverFor },
      log: silentLog,
      pollConcurrency: 8,
      spoolMaxBytes: 1e8,
    })
    const stop = async () => {
      await collector.stop()
      dir.release()
    }
    return { identity, stop }
  }
  let running = start()
  const samplesOf = (address: string) =>
    gateway.stored().filter((sample) => sample.ip_address === address && sample.online)
  return {
    path,
    gateway,
    keys: () => running.identity,
    samplesOf,
    restart: async () => {
      await running.stop()
      running = start()
    },
    /** The newest sample of a machine that is like that. */
    sample: async (address: string, is: (sample: TelemetrySample) => boolean = () => true) => {
      await gateway.until(() => samplesOf(address).some(is))
      return samplesOf(address).findLast(is) as TelemetrySample
    },
    /** Hands out a command for a machine that was seen, and waits for its result. */
    run: async (address: string, command: Partial<LeasedCommand>): Promise<CommandResult> => {
      const sample = samplesOf(address).at(-1)
      const lease = leaseOf({
        miner_id: sample?.miner_id as string,
        ip_address: address,
        mac: sample?.mac ?? null,
        serial: sample?.serial ?? null,
        ...command,
      })
      const mine = () => gateway.results.find((result) => result.id === lease.id)
      gateway.lease(lease)
      await gateway.until(() => mine() !== undefined)
      return mine() as CommandResult
    },
    end: async () => {
      await running.stop()
      await wire.close()
      rmSync(path, { recursive: true, force: true })
    },
  }
}
