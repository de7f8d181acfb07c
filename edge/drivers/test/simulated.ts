import { ManualClock } from "#edge/simulator/clock.ts"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import type { MinerSpec } from "#edge/simulator/farm-spec.ts"
import type { DriverContext, Identity } from "../driver.ts"
import { DEFAULT_TEMP_LIMITS } from "../limits.ts"
import { identifyMiner } from "../registry.ts"
import { closeHttpSockets } from "../transport/http-client.ts"
import { forgetRefusedLogins } from "../transport/refused-logins.ts"
import { closedPort } from "./fake-miner.ts"

/** Pool passwords that must never be told. */
export const OLD_SECRET = "old-pool-secret"
export const NEW_SECRET = "new-pool-secret"

export type Floor = {
  farm: Farm
  at: (address: string, signal?: AbortSignal) => DriverContext
  known: (address: string) => Promise<Identity>
  /** Writes that changed something, in order. */
  writes: (address: string) => { kind: string; detail: Record<string, unknown> }[]
  /** Everything is as it was when the farm started, and up. */
  reset: (address: string) => Promise<void>
  /** Lets the sockets do their work, then the farm's clock go on by so much. */
  passTime: (ms: number) => Promise<void>
  /** Whatever was started is over: reboots, reloads. */
  settle: () => Promise<void>
  close: () => Promise<void>
}

/** Simulated machines on a standing clock, their pools with passwords. */
export async function simulatedFloor(miners: MinerSpec[]): Promise<Floor> {
  const nowhere = await closedPort()
  const spec = { seed: 5, miners: miners.map((miner) => ({ uptimeS: 50_000, ...miner })) }
  const farm = await startFarm(spec, { rpcPort: 0, webPort: 0, clock: new ManualClock() })
  const first = new Map(
    farm.miners.map((miner) => {
      const pools = miner.settings.pools.map((pool) => ({ ...pool, pass: OLD_SECRET }))
      return [miner.address, { ...miner.settings, pools }]
    }),
  )
  const at = (address: string, signal = AbortSignal.timeout(20_000)): DriverContext => {
    const { host, rpcPort, webPort, ports } = farm.target(address)
    return {
      address: { host, rpcPort, webPort: webPort ?? nowhere, ports },
      credentials: null,
      limits: DEFAULT_TEMP_LIMITS,
      signal,
      retry: [],
    }
  }
  const passTime = async (ms: number) => {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    await farm.advance(ms)
  }
  const settle = async () => {
    await farm.settled()
    await farm.advance(200_000)
  }
  return {
    farm,
    at,
    settle,
    passTime,
    known: async (address) => {
      const identity = await identifyMiner(at(address))
      if (!identity.ok) throw new Error(identity.fault.message)
      return identity.value
    },
    writes: (address) =>
      farm.acts(address).filter(({ kind }) => !["fault", "refused", "ignored"].includes(kind)),
    reset: async (address) => {
      farm.fault(address, "clear")
      // What an earlier act put off (a switch-off by the machine's own clock) happens before, not after.
      await settle()
      const miner = farm.miner(address)
      miner.settings = structuredClone(first.get(address)!)
      miner.blinking = false
      miner.password = miner.spec.password ?? null
      miner.firmwareVersion = null
      miner.password = null
      forgetRefusedLogins(farm.target(address).host)
      await settle()
    },
    close: async () => {
      closeHttpSockets()
      await farm.close()
    },
  }
}
