import type { CommandFeature } from "./commands.ts"
import type { DriverFamily } from "./families.ts"
import type { TelemetrySample } from "./telemetry.ts"

/** What is known of a family's driver: of each feature whether it can, and how it was tried. Generated; see `support-matrix.ts`. */
export type FamilySupport = {
  family: DriverFamily
  name: string
  /** Machines that the simulator plays and the conformance suites put the driver through, as they name themselves. */
  simulated: { make: string; model: string | null; firmware: string | null }[]
  /** Recorded machines that the driver reads as their owner did. */
  recorded: string[]
  /** Members of the telemetry sample that at least one of the simulated machines tells. */
  reads: (keyof TelemetrySample)[]
  /** By feature: `yes` on all of the simulated machines, `some`, or `no`; else why not, a sentence. */
  features: Record<CommandFeature, { can: "yes" | "some" | "no"; why: string | null }>
}
