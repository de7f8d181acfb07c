const DAY_MS = 86_400_000

/**
 * What the clocks on a zone's walls show (as if it were UTC, ms) as an instant, ms. A time that a change of clocks skips is
 * the one an hour later; one that happens twice is the first.
 */
export function instantOfWall(wall: number, zone: string): number {
  // The offset before and after: they differ around a change of clocks only.
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((at) => offsetMs(at, zone))
  const fitting = offsets.map((offset) => wall - offset).filter((at) => at + offsetMs(at, zone) === wall)
  return fitting.length > 0 ? Math.min(...fitting) : wall - (offsets[0] ?? 0)
}

/** How far the clocks of a zone are ahead of UTC at an instant. */
export function offsetMs(at: number, zone: string): number {
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
