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
  // The offset before and after: they differ around a change of clocks only.
  const offsets = [wall - 86_400_000, wall + 86_400_000].map((at) => offsetMs(at, zone))
  const fitting = offsets.map((offset) => wall - offset).filter((at) => at + offsetMs(at, zone) === wall)
  return new Date(fitting.length > 0 ? Math.min(...fitting) : wall - (offsets[0] ?? 0))
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
