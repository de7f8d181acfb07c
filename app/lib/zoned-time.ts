import { instantOfWall } from "#server/contract/wall-clock.ts"

/**
 * What a person typed into a `datetime-local` field (`2026-03-31T14:05`) in a zone, as an instant; null when it is no
 * time. A time that a change of clocks skips is the one an hour later; one that happens twice is the first.
 */
export function instantOf(local: string, zone: string): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(local)
  if (!match) return null
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0))
  const wall = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second || 0)
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 16) !== local.slice(0, 16)) return null
  return new Date(instantOfWall(wall, zone))
}
