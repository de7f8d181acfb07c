import type { CommandStatus } from "#server/contract/commands.ts"

/**
 * How a wave stands, for the eye: `waiting` for the one before it, `next` when only the pause is left, `running` while
 * machines are told, `looking` until its gate decides, `short` when the last look found too few (of a wave that holds
 * nothing back), `resumed` after somebody let a halted command go on, `dropped` when it was never sent.
 */
export const WAVE_STATES = [
  "waiting",
  "next",
  "running",
  "looking",
  "passed",
  "short",
  "halted",
  "resumed",
  "dropped",
] as const
export type WaveState = (typeof WAVE_STATES)[number]

type Time = Date | string | null
type Wave = {
  releasedAt: Time
  answeredAt: Time
  passedAt: Time
  haltedAt: Time
  resumedAt: Time
  open: number
}

/** The states of a command's waves in their order. `graceS`: how long its gate looks. */
export function waveStates(
  waves: readonly Wave[],
  command: { status: CommandStatus; haltedAt: Time; nextWaveAt: Time },
  { graceS, now }: { graceS: number; now: number },
): WaveState[] {
  const runs = command.status === "RUNNING"
  const nextIndex = waves.findIndex((wave) => wave.releasedAt === null)
  return waves.map((wave, index) => {
    if (wave.releasedAt === null) {
      if (!runs) return "dropped"
      return command.nextWaveAt !== null && command.haltedAt === null && index === nextIndex
        ? "next"
        : "waiting"
    }
    if (wave.haltedAt !== null) return wave.resumedAt === null ? "halted" : "resumed"
    if (wave.passedAt !== null) return "passed"
    if (wave.open > 0 || wave.answeredAt === null) return runs ? "running" : "dropped"
    return now > new Date(wave.answeredAt).getTime() + graceS * 1000 ? "short" : "looking"
  })
}

/** Waves that a person wants to see first, of many: what moves, what stands, what comes next. */
export function isOfInterest(state: WaveState): boolean {
  return state !== "waiting" && state !== "passed" && state !== "dropped"
}
