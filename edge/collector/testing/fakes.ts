import { createHash, generateKeyPairSync, randomUUID } from "node:crypto"
import type {
  ActOutcome,
  Driver,
  DriverAction,
  Identity,
  MinerSettings,
  Reading,
  TempLimits,
} from "#edge/drivers/driver.ts"
import type { DiscoveryInput, ScanJob } from "#server/contract/discovery.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import {
  type CapabilitiesInput,
  type CommandResult,
  type EdgeConfig,
  edgeConfigSchema,
  type HeartbeatInput,
  type LeasedCommand,
  type MinerConfiguration,
} from "#server/contract/edge.ts"
import { loginsInputSchema } from "#server/contract/miner-credentials.ts"
import type { TelemetryBatch, TelemetrySample } from "#server/contract/telemetry.ts"
import { type ThermalEvent, type ThermalHold, thermalInputSchema } from "#server/contract/thermal.ts"
import { SEAL_PURPOSES, sealTo } from "#server/sealed-box.ts"
import { GatewayError } from "../client/gateway-error.ts"
import type { Drivers, GatewayApi } from "../ports.ts"
import type { SealKeys } from "../state/edge-identity.ts"

/** A gateway in memory that keeps its promises: a batch id counts once, an answer can get lost, a switch cuts the line. */
export function fakeGateway() {
  const batches = new Map<string, TelemetryBatch>()
  const results: CommandResult[] = []
  const queue: LeasedCommand[] = []
  const beats: HeartbeatInput[] = []
  const events: { type: string; message: string }[] = []
  const profiles: CapabilitiesInput["profiles"] = []
  /** By its id: what comes twice is stored once. */
  const thermal = { events: new Map<string, ThermalEvent>(), holds: [] as ThermalHold[], sent: 0 }
  /** By miner, as the collector told it last. */
  const refusedLogins = new Map<string, { username: string; since: string }>()
  const unopenedLogins: { id: string; version: number }[] = []
  const discovery: Omit<DiscoveryInput, "instance_id">[] = []
  const files = new Map<string, Buffer>()
  const state = {
    /** The kill switch as `commands.poll` tells it. */
    paused: false,
    /** What `edge.discovery` asks for, until its end was told. */
    scan: null as ScanJob | null,
    cancelled: [] as string[],
    /** Takes what `edge.discovery` tells, then loses the answer, this many times. */
    loseDiscovery: 0,
    /** What a piece of a firmware file is made into before it leaves. */
    damage: (piece: Buffer): Buffer => piece,
    pieceBytes: 1_048_576,
    pieces: 0,
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
      if (queue.length === 0 && !state.paused)
        await new Promise<void>((resolve) => {
          wakePoll = resolve
          signal?.addEventListener("abort", () => resolve(), { once: true })
        })
      if (signal?.aborted) throw new GatewayError("ABORTED", "stopped")
      return {
        server_time: new Date().toISOString(),
        paused: state.paused,
        discovery: state.scan !== null,
        commands: state.paused ? [] : queue.splice(0, max),
      }
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
    capabilities: async (told) => {
      gate()
      profiles.push(...told)
      state.onChange()
    },
    thermal: async (told) => {
      gate()
      const { events, holds } = thermalInputSchema.parse({ instance_id: randomUUID(), ...told })
      const fresh = events.filter((event) => !thermal.events.has(event.event_id))
      for (const event of fresh) thermal.events.set(event.event_id, event)
      thermal.holds = holds ?? thermal.holds
      thermal.sent += events.length
      state.onChange()
      if (state.loseAnswers > 0) {
        state.loseAnswers -= 1
        throw new GatewayError("UNREACHABLE", "the connection broke")
      }
      return { recorded: fresh.length, duplicates: events.length - fresh.length }
    },
    logins: async (told) => {
      gate()
      const { miners, unopened, reset } = loginsInputSchema.parse({ instance_id: randomUUID(), ...told })
      if (reset) refusedLogins.clear()
      for (const { miner_id, refused } of miners)
        if (refused === null) refusedLogins.delete(miner_id)
        else refusedLogins.set(miner_id, refused)
      unopenedLogins.push(...unopened)
      state.onChange()
      return { changed: miners.length, unknown: [] }
    },
    discovery: async (told) => {
      gate()
      discovery.push(structuredClone(told))
      if (
        told.progress !== null &&
        told.progress.state !== "running" &&
        state.scan?.id === told.progress.scan_id
      )
        state.scan = null
      const { scan } = state
      state.onChange()
      if (state.loseDiscovery > 0) {
        state.loseDiscovery -= 1
        throw new GatewayError("UNREACHABLE", "the connection broke")
      }
      return { scan, cancelled: state.cancelled }
    },
    artifact: async (id, offset) => {
      gate()
      state.pieces += 1
      const file = files.get(id)
      if (file === undefined) throw new GatewayError("NOT_FOUND", "No command of yours names it.")
      const piece = state.damage(file.subarray(offset, offset + state.pieceBytes))
      return {
        offset,
        size_bytes: file.length,
        sha256: createHash("sha256").update(file).digest("hex"),
        piece: piece.toString("base64"),
      }
    },
  }
  return {
    api,
    thermal,
    refusedLogins,
    unopenedLogins,
    profiles,
    /** Every request to `edge.discovery`, oldest first. */
    discovery,
    batches,
    results,
    beats,
    events,
    state,
    lease: (command: LeasedCommand) => {
      queue.push(command)
      wakePoll()
    },
    askFor: (scan: ScanJob) => {
      state.scan = scan
      wakePoll()
    },
    /** A firmware file as a command names it. */
    offer: (file: Buffer): NonNullable<LeasedCommand["artifact"]> => {
      const id = randomUUID()
      files.set(id, file)
      const sha256 = createHash("sha256").update(file).digest("hex")
      return { id, file_name: "firmware.tar.gz", version: "2.0", sha256, size_bytes: file.length }
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
    label: null,
    type: "REBOOT",
    parameters: { mode: "soft" },
    sealed: null,
    backup_first: false,
    backup: null,
    artifact: null,
    priority: 5,
    attempt: 1,
    fencing_token: "10",
    lease_until: new Date(Date.now() + 60_000).toISOString(),
    expires_at: new Date(Date.now() + 1_800_000).toISOString(),
    ...more,
  }
}

/** A site's configuration without targets, polled every 10 s. */
export const configOf = (more: Partial<EdgeConfig> = {}): EdgeConfig => ({
  ...edgeConfigSchema.parse({
    version: 1,
    site: { id: 1, slug: "test", name: "Test", timezone: "UTC" },
    device: { id: 1, name: "test" },
    poll_interval_s: 10,
    targets: [],
    limits: { chip_warning_c: 85, chip_critical_c: 95, board_warning_c: 70, board_critical_c: 80 },
    miners: [],
  }),
  ...more,
})

export const SITE_LIMITS: TempLimits = {
  chipWarningC: 85,
  chipCriticalC: 95,
  boardWarningC: 70,
  boardCriticalC: 80,
}

export function newKeys(): SealKeys {
  const { x, d } = generateKeyPairSync("x25519").privateKey.export({ format: "jwk" })
  return { publicKey: x as string, privateKey: { x: x as string, d: d as string } }
}

/** CHANGE_POOL as the server hands it out: the password sealed to the collector. */
export function poolChange(keys: SealKeys, password: string, workerName = "acct.{worker}") {
  const sealed = sealTo(keys.publicKey, SEAL_PURPOSES.command, JSON.stringify({ passwords: [password] }))
  const pools = [{ url: "stratum+tcp://new.example:3333", worker_name: workerName }]
  return { type: "CHANGE_POOL" as const, parameters: { pools }, sealed }
}

export function settingsOf(passwords: string[]): MinerSettings {
  const config: MinerConfiguration = {
    family: "fake",
    model: "F1",
    firmware_version: null,
    pools: passwords.map((_, n) => ({ url: `stratum+tcp://pool-${n}.example:3333`, user: "acct.w1" })),
    power_mode: "normal",
    frequency_mhz: null,
    frequency_level_pct: null,
    voltage_v: null,
    fan: null,
    network: null,
    raw: { "freq-level": "100" },
  }
  return { config, passwords }
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
    actions: DriverAction[]
    settings: MinerSettings
    /** What the driver sees of an interrupted act. */
    tookEffect: boolean | null
    hashrateGhs: number | null
    tempC: number | null
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
    act: async (_host: string, _action: DriverAction): Promise<ActOutcome> => ({
      ok: true,
      value: { ran: "restart", message: "Restarted.", verified: true, before: null, after: null },
    }),
    unsupported: false,
    backup: (settings: MinerSettings): Outcome<MinerSettings> => ok(settings),
    backups: 0,
  }
  const driver: Driver = {
    family: "fake",
    make: "Fake",
    identify: async ({ address }) => {
      const machine = answering(address.host)
      return machine ? ok(machine.identity) : fault("refused", "connection refused")
    },
    read: async ({ address, limits }, identity) => {
      const machine = answering(address.host)
      if (machine !== null && machine.readMs > 0) {
        machine.atOnce += 1
        machine.mostAtOnce = Math.max(machine.mostAtOnce, machine.atOnce)
        await new Promise((resolve) => setTimeout(resolve, machine.readMs))
        machine.atOnce -= 1
      }
      return machine
        ? ok({
            ip_address: address.host,
            online: true,
            firmware_version: identity.firmwareVersion,
            uptime_seconds: machine.uptimeS,
            hashrate_5s_ghs: machine.hashrateGhs,
            temperature_max: machine.tempC,
            overall_health: (machine.tempC ?? 0) >= limits.chipWarningC ? "warning" : "healthy",
          } as Reading)
        : fault("refused", "connection refused")
    },
    capabilities: () => ({
      can: () => (state.unsupported ? fault("unsupported", "This unit has no lamp.") : ok(true as const)),
    }),
    act: ({ address }, _identity, action) => {
      machines.get(address.host)?.acts.push(action.type)
      machines.get(address.host)?.actions.push(action)
      return state.act(address.host, action)
    },
    backup: async ({ address }) => {
      const machine = answering(address.host)
      state.backups += 1
      return machine ? state.backup(machine.settings) : fault("refused", "connection refused")
    },
    look: async ({ address }) => {
      const machine = answering(address.host)
      return machine ? ok(machine.tookEffect) : fault("refused", "connection refused")
    },
  }
  const drivers: Drivers = {
    identify: (context) => driver.identify(context),
    driverOf: (family) => (family === "fake" ? driver : null),
  }
  return {
    drivers,
    driver,
    state,
    add: (host: string, serial: string | null, uptimeS: number | null = 3_600) => {
      const machine: Machine = {
        identity: identityOf(serial),
        uptimeS,
        acts: [],
        actions: [],
        settings: settingsOf(["p00l-secret"]),
        tookEffect: null,
        hashrateGhs: null,
        tempC: null,
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
