import { SAMPLE_MAX_AGE_MS, SAMPLE_MAX_AHEAD_MS } from "#server/contract/budgets.ts"
import { sampleSchema, type TelemetrySample, type UploadAnswer } from "#server/contract/telemetry.ts"
import { compileCheck } from "./compile-check.ts"

/** A sample that passed, with its instant parsed. */
export type ValidSample = { sample: TelemetrySample; collectedAtMs: number }
export type RejectedSample = UploadAnswer["rejected"][number]

/** Tenfold faster than the schema for a sample that it accepts; the schema judges the rest. */
const isSample = compileCheck(sampleSchema) as (candidate: unknown) => candidate is TelemetrySample

/**
 * Judges a batch sample by sample, so that a bad one costs only itself. The clock is judged against `receivedAt`:
 * with the instant of the first delivery, a second one gives the same verdicts (`decisions.md` 4). Two samples of one
 * machine are legal (a spooled batch holds several cycles) unless they tell the same instant.
 */
export function validateSamples(
  samples: readonly unknown[],
  receivedAt: Date,
): { valid: ValidSample[]; rejected: RejectedSample[] } {
  const valid: ValidSample[] = []
  const rejected: RejectedSample[] = []
  const seen = new Set<string>()
  samples.forEach((candidate, index) => {
    const parsed = isSample(candidate)
      ? { success: true as const, data: candidate }
      : sampleSchema.safeParse(candidate)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const message = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not a sample"}`.slice(0, 200)
      rejected.push({ index, reason: "invalid", message })
      return
    }
    const sample = parsed.data
    const collectedAtMs = Date.parse(sample.collected_at)
    const ageMs = receivedAt.getTime() - collectedAtMs
    // Written so that a date that does not exist (NaN) is refused too.
    if (!(ageMs <= SAMPLE_MAX_AGE_MS && ageMs >= -SAMPLE_MAX_AHEAD_MS)) {
      const message =
        ageMs < 0
          ? `collected ${Math.round(-ageMs / 1000)} s ahead of the server's clock`
          : `collected ${(ageMs / 3_600_000).toFixed(1)} h ago`
      rejected.push({ index, reason: "clock_skew", message })
      return
    }
    const identity = `${sample.miner_id.toLowerCase()}\n${collectedAtMs}`
    if (seen.has(identity)) {
      rejected.push({
        index,
        reason: "duplicate_miner",
        message: "the batch holds this machine and instant twice",
      })
      return
    }
    seen.add(identity)
    valid.push({ sample, collectedAtMs })
  })
  return { valid, rejected }
}
