/** A course by columns: a page carries a third of the bytes, and the chart takes it as it is. */
export type Columns<K extends string> = {
  /** Milliseconds since 1970. */
  from: number
  to: number
  /** Seconds after `from`, rising. */
  afterS: number[]
  values: Record<K, (number | null)[]>
}

/** Numbers of five digits: a chart shows no more. Booleans become 1 and 0. */
export function columnsOf<K extends string>(
  series: { points: ({ at: Date } & { [name in K]: number | boolean | null })[]; from: Date; to: Date },
  names: readonly K[],
): Columns<K> {
  const from = series.from.getTime()
  return {
    from,
    to: series.to.getTime(),
    afterS: series.points.map((point) => Math.round((point.at.getTime() - from) / 1000)),
    values: Object.fromEntries(
      names.map((name) => [name, series.points.map((point) => short(point[name]))]),
    ) as Columns<K>["values"],
  }
}

export function timesOf<K extends string>(columns: Columns<K>): number[] {
  return columns.afterS.map((after) => columns.from + after * 1000)
}

const SHORTEST_MS = 3_600_000

/** The part of a course that is known, an hour at least: a young history fills the chart all the same. */
export function knownSpan<K extends string>(columns: Columns<K>): { from: number; to: number } {
  const first = columns.afterS.findIndex((_, index) =>
    Object.values<(number | null)[]>(columns.values).some((values) => values[index] != null),
  )
  const known = columns.from + (columns.afterS[Math.max(first, 0)] ?? 0) * 1000
  const from = first <= 1 ? columns.from : known
  return { from: Math.max(columns.from, Math.min(from, columns.to - SHORTEST_MS)), to: columns.to }
}

function short(value: number | boolean | null): number | null {
  return value === null ? null : Number(Number(value).toPrecision(5))
}
