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

export function timesOf(columns: Columns<string>): number[] {
  return columns.afterS.map((after) => columns.from + after * 1000)
}

function short(value: number | boolean | null): number | null {
  return value === null ? null : Number(Number(value).toPrecision(5))
}
