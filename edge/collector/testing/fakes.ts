import { randomUUID } from "node:crypto"
import type { ActOutcome, Driver, Identity, Reading } from "#edge/drivers/driver.ts"
import { fault, ok } from "#server/contract/driver-faults.ts"
import type { CommandResult, HeartbeatInput, LeasedCommand } from "#server/contract/edge.ts"
import type { TelemetryBatch, TelemetrySample } from "#server/contract/telemetry.ts"
import { GatewayError } from "../client/gateway-error.ts"
import type { Drivers, GatewayApi } from "../ports.ts"

/** A gateway in memory that keeps its promises: a batch id counts once, an answer can get lost, a switch cuts the line. */
export function fakeGateway() {
  const batches = new Map<string, TelemetryBatch>()
  const results: CommandResult[] = []
  const queue: LeasedCommand[] = []
  const beats: HeartbeatInput[] = []
  const events: { type: string; message: string }[] = []
  const state = {
    down: false,
    /** Stores, then loses the answer, this many times. */
    loseAnswers: 0,
    refuse: null as GatewayError | null,
    /** Refuses a batch as a whole when it holds such a sample. */
    poison: (_: TelemetrySample): boolean => false,
    reject: (_: TelemetrySample): boolean => false,
    uploads: 0,
    config: null as Awaited<ReturnType<GatewayApi["config"]>> | null,
    onChange: () => {},
  }
  const gate = () => {
    if (state.down) throw new GatewayError("UNREACHABLE", "fetch failed")
    if (state.refuse) throw state.refuse
  }
  let wakePoll = () => {}
  const api: GatewayApi = {
    heartbeat: async (input) => {
      gate()
      beats.push(input)
      return { server_time: new Date().toISOString(), config_version: state.config?.version ?? 1 }
    },
    config: async () => {
      gate()
      return state.config ?? { unchanged: true, version: 1 }
    },
    event: async ({ type, message }) => {
      gate()
      events.push({ type, message })
    },
    upload: async (batch) => {
      state.uploads += 1
      gate()
      if (batch.samples.some(state.poison)) throw new GatewayError("INVALID", "not readable")
      const duplicate = batches.has(batch.batch_id)
      if (!duplicate) batches.set(batch.batch_id, structuredClone(batch))
      state.onChange()
      if (state.loseAnswers > 0) {
        state.loseAnswers -= 1
        throw new GatewayError("UNREACHABLE", "the connection broke")
      }
      const rejected = batch.samples.flatMap((sample, index) =>
        state.reject(sample) ? [{ index, reason: "clock_skew" as const, message: "too old" }] : [],
      )
      return {
        processed: batch.samples.length - rejected.length,
        online: 0,
        offline: 0,
        duplicate,
        processing_time_ms: 1,
        rejected,
      }
    },
    pollCommands: async ({ max }, signal) => {
      gate()
      if (queue.length === 0)
        await new Promise<void>((resolve) => {
          wakePoll = resolve
          signal?.addEventListener("abort", () => resolve(), { once: true })
        })
      if (signal?.aborted) throw new GatewayError("ABORTED", "stopped")
      return { server_time: new Date().toISOString(), commands: queue.splice(0, max) }
    },
    ack: async (sent) => {
      gate()
      results.push(...sent)
      state.onChange()
      return { results: sent.map(({ id }) => ({ id, state: "taken" as const })) }
    },
    renew: async (leases) => {
      gate()
      return {
        leases: leases.map(({ id }) => ({ id, lease_until: new Date(Date.now() + 60_000).toISOString() })),
      }
    },
  }
  return {
    api,
    batches,
    results,
    beats,
    events,
    state,
    lease: (command: LeasedCommand) => {
      queue.push(command)
      wakePoll()
    },
    stored: () => [...batches.values()].flatMap((batch) => batch.samples),
    /** Resolves when `condition` holds; looked at after each change. */
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (condition()) resolve()
        }
        state.onChange = look
        look()
      }),
  }
}

let nextRow = 1
export function leaseOf(more: Partial<LeasedCommand> = {}): LeasedCommand {
  return {
    id: String(nextRow++),
    command_id: randomUUID(),
    miner_id: "SN-0001",
    ip_address: "10.0.0.1",
    mac: null,
    serial: "SN-0001",
    type: "REBOOT",
    parameters: { mode: "soft" },
    priority: 5,
    attempt: 1,
    fencing_token: "10",
    lease_until: new Date(Date.now() + 60_000).toISOString(),
    expires_at: new Date(Date.now() + 1_800_000).toISOString(),
    ...more,
  }
}

export const identityOf = (serial: string | null, mac: string | null = null): Identity => ({
  family: "fake",
  make: "Fake",
  model: "F1",
  firmware: null,
  firmwareVersion: null,
  serial,
  mac,
  confidence: 1,
  evidence: [],
})

/** Machines in memory by `host`; what they do is set from outside. */
export function fakeDrivers() {
  type Machine = {
    identity: Identity
    uptimeS: number | null
    acts: string[]
    down: boolean
    /** How long a reading takes. */
    readMs: number
    mostAtOnce: number
    atOnce: number
  }
  const machines = new Map<string, Machine>()
  const answering = (host: string) => {
    const machine = machines.get(host)
    return machine === undefined || machine.down ? null : machine
  }
  const state = {
    act: async (_host: string): Promise<ActOutcome> => ({
      ok: true,
      value: { ran: "restart", message: "Restarted.", verified: true, before: null, after: null },
    }),
    unsupported: false,
  }
  const driver: Driver = {
    family: "fake",
    make: "Fake",
    identify: async ({ address }) => {
      const machine = answering(address.host)
      return machine ? ok(machine.identity) : fault("refused", "connection refused")
    },
    read: async ({ address }) => {
      const machine = answering(address.host)
      if (machine !== null && machine.readMs > 0) {
        machine.atOnce += 1
        machine.mostAtOnce = Math.max(machine.mostAtOnce, machine.atOnce)
        await new Promise((resolve) => setTimeout(resolve, machine.readMs))
        machine.atOnce -= 1
      }
      return machine
        ? ok({ ip_address: address.host, online: true, uptime_seconds: machine.uptimeS } as Reading)
        : fault("refused", "connection refused")
    },
    capabilities: () => ({
      can: () => (state.unsupported ? fault("unsupported", "This unit has no lamp.") : ok(true as const)),
    }),
    act: ({ address }, _identity, action) => {
      machines.get(address.host)?.acts.push(action.type)
      return state.act(address.host)
    },
  }
  const drivers: Drivers = {
    identify: (context) => driver.identify(context),
    driverOf: (family) => (family === "fake" ? driver : null),
  }
  return {
    drivers,
    state,
    add: (host: string, serial: string | null, uptimeS: number | null = 3_600) => {
      const machine: Machine = {
        identity: identityOf(serial),
        uptimeS,
        acts: [],
        down: false,
        readMs: 0,
        mostAtOnce: 0,
        atOnce: 0,
      }
      machines.set(host, machine)
      return machine
    },
  }
}
