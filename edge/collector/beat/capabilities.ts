import type { Identity } from "#edge/drivers/driver.ts"
import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import type { CapabilitiesInput } from "#server/contract/edge.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import type { Log } from "#server/log.ts"
import { createBackoff } from "../client/backoff.ts"
import { asGatewayError, isRevoked } from "../client/gateway-error.ts"
import type { Drivers, GatewayApi } from "../ports.ts"

type Profile = CapabilitiesInput["profiles"][number]

const PROFILES_A_REQUEST = 200
/** The gateway takes small bodies here; a profile with all its reasons has some 2 KiB. */
const BYTES_A_REQUEST = 49_152
const SLOW_RETRY_MS = 60_000
const REASON_MAX = 300

/**
 * What each model and firmware on the floor can do, told to the server so that a request shows beforehand which machines
 * cannot run it. Each profile is told once a start, under the names that its samples carry.
 */
export type CapabilityReport = {
  see: (identity: Identity, sample: TelemetrySample) => void
  /** Sends what is new; called with every heartbeat. Never rejects. */
  flush: (signal?: AbortSignal) => Promise<void>
}

export function createCapabilityReport(options: {
  drivers: Drivers
  gateway: () => Pick<GatewayApi, "capabilities">
  log: Log
  monotonicMs: () => number
  random: () => number
}): CapabilityReport {
  const seen = new Set<string>()
  let waiting: Profile[] = []
  let notBefore = 0
  const backoff = createBackoff({ baseMs: 5_000, maxMs: 300_000, random: options.random })

  const profileOf = (identity: Identity, sample: TelemetrySample): Profile => {
    const driver = options.drivers.driverOf(identity.family)
    const capabilities = driver?.capabilities(identity)
    const features: Profile["features"] = {} as Profile["features"]
    for (const feature of COMMAND_FEATURES) {
      const can = capabilities?.can(feature)
      features[feature] =
        can === undefined
          ? `There is no driver for ${identity.family}.`
          : can.ok
            ? null
            : can.fault.message.slice(0, REASON_MAX)
    }
    return {
      make: sample.make?.slice(0, 64) ?? null,
      model: sample.model?.slice(0, 128) ?? null,
      firmware: sample.firmware?.slice(0, 64) ?? null,
      firmware_version: sample.firmware_version?.slice(0, 128) ?? null,
      features,
    }
  }
  return {
    see: (identity, sample) => {
      const key = `${sample.make}\n${sample.model}\n${sample.firmware}\n${sample.firmware_version}\n${identity.family}`
      if (seen.has(key)) return
      seen.add(key)
      waiting.push(profileOf(identity, sample))
    },
    flush: async (signal) => {
      while (waiting.length > 0 && options.monotonicMs() >= notBefore) {
        const some = upTo(waiting)
        try {
          await options.gateway().capabilities(some, signal)
          backoff.reset()
          options.log.info({ profiles: some.length }, "capabilities told")
        } catch (error) {
          const failure = asGatewayError(error)
          if (failure.code === "ABORTED") return
          const hopeless = failure.code === "INVALID"
          if (hopeless)
            options.log.error({ reason: failure.message }, "the server refused what the machines can do")
          else {
            if (backoff.failures() === 0)
              options.log.warn({ reason: failure.message }, "capabilities cannot be told yet")
            const least = Math.max(isRevoked(failure) ? SLOW_RETRY_MS : 0, failure.retryAfterMs ?? 0)
            notBefore = options.monotonicMs() + backoff.nextMs(least)
            return
          }
        }
        waiting = waiting.slice(some.length)
      }
    },
  }
}

/** The first profiles that fit into one request, one at least. */
function upTo(profiles: Profile[]): Profile[] {
  let bytes = 0
  const end = profiles.findIndex((profile, index) => {
    bytes += Buffer.byteLength(JSON.stringify(profile))
    return index > 0 && (bytes > BYTES_A_REQUEST || index >= PROFILES_A_REQUEST)
  })
  return end === -1 ? profiles : profiles.slice(0, end)
}
