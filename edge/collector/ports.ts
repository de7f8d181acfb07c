import type { Driver, DriverContext, Identity } from "#edge/drivers/driver.ts"
import type { DiscoveryAnswer, DiscoveryInput } from "#server/contract/discovery.ts"
import type { Outcome } from "#server/contract/driver-faults.ts"
import type {
  AckAnswer,
  ArtifactAnswer,
  CapabilitiesInput,
  CommandResult,
  ConfigAnswer,
  EdgeEventInput,
  EnrollAnswer,
  EnrollInput,
  HeartbeatAnswer,
  HeartbeatInput,
  PollAnswer,
  PollInput,
  RenewAnswer,
} from "#server/contract/edge.ts"
import type { LoginsAnswer, LoginsInput } from "#server/contract/miner-credentials.ts"
import type { TelemetryBatch, UploadAnswer } from "#server/contract/telemetry.ts"
import type { ThermalAnswer, ThermalInput } from "#server/contract/thermal.ts"

/**
 * What the collector needs from outside: the gateway and the drivers. The composition root fills these in, so that
 * nothing else here knows tRPC or the list of families.
 */

/** Every call rejects with `GatewayError` and nothing else. */
export type GatewayApi = {
  heartbeat: (input: HeartbeatInput, signal?: AbortSignal) => Promise<HeartbeatAnswer>
  config: (haveVersion: number, signal?: AbortSignal) => Promise<ConfigAnswer>
  event: (input: EdgeEventInput, signal?: AbortSignal) => Promise<void>
  upload: (batch: TelemetryBatch, signal?: AbortSignal) => Promise<UploadAnswer>
  pollCommands: (input: PollInput, signal?: AbortSignal) => Promise<PollAnswer>
  ack: (results: CommandResult[], signal?: AbortSignal) => Promise<AckAnswer>
  renew: (leases: { id: string; fencing_token: string }[], signal?: AbortSignal) => Promise<RenewAnswer>
  capabilities: (profiles: CapabilitiesInput["profiles"], signal?: AbortSignal) => Promise<void>
  /** Events of the thermal guard and what it holds; once it resolves, all of them are stored. */
  thermal: (told: Omit<ThermalInput, "instance_id">, signal?: AbortSignal) => Promise<ThermalAnswer>
  /** Which machines refuse their login, and which take one again. */
  logins: (told: Omit<LoginsInput, "instance_id">, signal?: AbortSignal) => Promise<LoginsAnswer>
  /** What scans found, and which scan to run; what was told is stored once it resolves. */
  discovery: (told: Omit<DiscoveryInput, "instance_id">, signal?: AbortSignal) => Promise<DiscoveryAnswer>
  /** A piece of a firmware file from `offset` on. */
  artifact: (artifactId: string, offset: number, signal?: AbortSignal) => Promise<ArtifactAnswer>
}
export type EnrollCall = (input: EnrollInput) => Promise<EnrollAnswer>

/** The drivers by family, and the question "which family answers here". */
export type Drivers = {
  /** Asks the hinted family first when one is given. A fault means that nothing at the address spoke as a miner. */
  identify: (context: DriverContext, family: string | null) => Promise<Outcome<Identity>>
  driverOf: (family: string) => Driver | null
}
