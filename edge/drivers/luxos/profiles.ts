import { number, positive, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"

/** A step of frequency and voltage that the machine offers. */
export type LuxProfile = {
  name: string
  /** From the factory's own, which is 0. */
  step: number | null
  mhz: number | null
  volts: number | null
  watts: number | null
}

/** `profiles` by their frequency. */
export function profilesOf(rows: readonly Row[]): LuxProfile[] {
  const profiles: LuxProfile[] = []
  for (const row of rows) {
    const name = text(row["Profile Name"], 64)
    if (name === null || name.includes(",")) continue
    profiles.push({
      name,
      step: number(row.Step),
      mhz: positive(row.Frequency),
      volts: positive(row.Voltage),
      watts: positive(row.Watts),
    })
  }
  return profiles.sort((one, other) => (one.mhz ?? 0) - (other.mhz ?? 0))
}

/** Those that can be named: a bare 0 to 3 would be read as the number of a board. */
export const namable = (profiles: readonly LuxProfile[]): LuxProfile[] =>
  profiles.filter(({ name }) => !/^[0-3]$/.test(name))

export function describeProfile({ name, mhz, watts }: LuxProfile): string {
  const figures = [mhz === null ? null : `${mhz} MHz`, watts === null ? null : `${watts} W`].filter(Boolean)
  return figures.length === 0 ? `"${name}"` : `"${name}" (${figures.join(", ")})`
}

/** The one whose figure comes nearest; null where none has that figure. */
export function nearest(
  profiles: readonly LuxProfile[],
  figure: "mhz" | "watts",
  wanted: number,
): LuxProfile | null {
  let best: LuxProfile | null = null
  for (const profile of profiles) {
    const value = profile[figure]
    if (value === null) continue
    if (best === null || Math.abs(value - wanted) < Math.abs(best[figure]! - wanted)) best = profile
  }
  return best
}

/** Lowest and highest of a figure, in words; null where none is told. */
export function rangeOf(profiles: readonly LuxProfile[], figure: "mhz" | "watts"): [number, number] | null {
  const values = profiles.map((profile) => profile[figure]).filter((value) => value !== null)
  return values.length === 0 ? null : [Math.min(...values), Math.max(...values)]
}
