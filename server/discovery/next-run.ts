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
    const at = instantOf(wall, zone)
    if (at > after.getTime()) return new Date(at)
  }
  return new Date(after.getTime() + DAY_MS)
}

/** A wall time of the zone as an instant. One that a change of clocks skips is an hour later, of two the first. */
function instantOf(wall: number, zone: string): number {
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((at) => offsetMs(at, zone))
  const fitting = offsets.map((offset) => wall - offset).filter((at) => at + offsetMs(at, zone) === wall)
  return fitting.length > 0 ? Math.min(...fitting) : wall - (offsets[0] ?? 0)
}

/** How far the clocks of a zone are ahead of UTC at an instant. */
function offsetMs(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const shown = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  )
  return shown - Math.floor(at / 1000) * 1000
}
