import { instantOfWall, offsetMs } from "#server/contract/wall-clock.ts"

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** When a schedule looks at first, or next after `after`: every so many hours, or daily at a time of the zone. */
export function nextRun(
  times: { everyHours: number | null; dailyAt: string | null },
  zone: string,
  after: Date,
): Date {
  if (times.dailyAt === null) return new Date(after.getTime() + (times.everyHours ?? 24) * HOUR_MS)
  const [hour = 0, minute = 0] = times.dailyAt.split(":").map(Number)
  // Two days ahead: the day of the zone may be yesterday's or tomorrow's.
  for (let day = -1; day <= 2; day += 1) {
    const shown = new Date(after.getTime() + day * DAY_MS + offsetMs(after.getTime(), zone))
    const wall = Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth(), shown.getUTCDate(), hour, minute)
    const at = instantOfWall(wall, zone)
    if (at > after.getTime()) return new Date(at)
  }
  return new Date(after.getTime() + DAY_MS)
}
