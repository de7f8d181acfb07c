import type { WAVE_GATES } from "#server/contract/commands.ts"

export type WaveSign = (typeof WAVE_GATES)[keyof typeof WAVE_GATES]["sign"]

/** How the targets of a released wave stand; they add up to `targets`. */
export type WaveFacts = {
  wave: number
  /** Waves of the command in all. */
  waves: number
  targets: number
  /** Not answered yet. */
  open: number
  /** Succeeded and showed what the gate asks. */
  good: number
  /** Succeeded and has not shown it yet. */
  waiting: number
  /** Failed, or with an unknown outcome. */
  failed: number
  skipped: number
  /** Of the skipped: nobody fetched them in time. */
  expired: number
  /** When its last target had answered; null: some are open. */
  answeredAt: Date | null
}
/** `failPercent`: the share of a wave that may fail or stay away. */
export type WaveRule = { sign: WaveSign; graceS: number; failPercent: number }
export type WaveVerdict = { verdict: "wait" } | { verdict: "pass" } | { verdict: "halt"; reason: string }

/**
 * Whether the next wave may start (`decisions.md` 18, 19). Skipped targets leave the base. It halts as soon as too many
 * have failed, and when too many are not back at the end of the grace time; it passes when nobody is left to wait for,
 * or at the end of the grace time. A wave that nobody fetched shows nothing, and halts.
 */
export function waveVerdict(facts: WaveFacts, rule: WaveRule, at: Date): WaveVerdict {
  const base = facts.targets - facts.skipped
  const tooMany = (count: number) => count * 100 > rule.failPercent * base
  if (base > 0 && tooMany(facts.failed)) return { verdict: "halt", reason: failedReason(facts, base, rule) }
  if (facts.open > 0) return { verdict: "wait" }
  if (base === 0)
    return facts.expired > 0 ? { verdict: "halt", reason: unfetchedReason(facts) } : { verdict: "pass" }
  if (facts.waiting === 0) return { verdict: "pass" }
  const graceEndsMs = (facts.answeredAt ?? at).getTime() + rule.graceS * 1000
  if (at.getTime() < graceEndsMs) return { verdict: "wait" }
  if (tooMany(facts.failed + facts.waiting)) return { verdict: "halt", reason: awayReason(facts, base, rule) }
  return { verdict: "pass" }
}

const waveOf = ({ wave, waves }: WaveFacts) => `Wave ${wave} of ${waves}`
const machines = (count: number, base: number) => `${count} of ${base} ${base === 1 ? "machine" : "machines"}`

function failedReason(facts: WaveFacts, base: number, { failPercent }: WaveRule): string {
  return `${waveOf(facts)}: ${machines(facts.failed, base)} failed or gave no answer; more than ${failPercent} % may not.`
}

function awayReason(facts: WaveFacts, base: number, { sign, graceS }: WaveRule): string {
  const what = sign === "hashing" ? "did not come back hashing" : "did not come back online"
  const within = `within ${Math.round(graceS / 60)} minutes`
  if (facts.failed === 0) return `${waveOf(facts)}: ${machines(facts.waiting, base)} ${what} ${within}.`
  return `${waveOf(facts)}: ${machines(facts.failed, base)} failed and ${facts.waiting} ${what} ${within}.`
}

function unfetchedReason(facts: WaveFacts): string {
  return `${waveOf(facts)}: no collector fetched any of its ${facts.targets} machines in time.`
}
