import { type KeyboardEvent, type PointerEvent, useMemo, useState } from "react"
import { formatClock, formatExact, UNKNOWN, withoutTrailingZeros } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "#app/ui/class-names.ts"
import { bands, clockTicks, linePath, nearest, scaleOf } from "./scale.ts"

export type ChartSeries = {
  label: string
  values: (number | null)[]
  /** `reference`: what the main line is held against. */
  look?: "main" | "reference"
}

const STROKES = { main: "stroke-accent", reference: "stroke-muted [stroke-dasharray:4_4]" }
const SWATCHES = { main: "bg-accent", reference: "border-t border-dashed border-muted" }

/**
 * Values over time, drawn on the server: it reads without JavaScript, follows the theme by itself and needs no style
 * attribute. With JavaScript the pointer and the arrow keys read single moments.
 */
export function TimeChart({
  title,
  times,
  span,
  zone,
  series,
  format,
  fromZero = true,
  marked,
  markedLabel,
  tall,
}: {
  title: string
  /** Milliseconds since 1970, rising. */
  times: number[]
  span: { from: number; to: number }
  zone: string
  series: ChartSeries[]
  format: (value: number) => string
  fromZero?: boolean
  /** Moments to shade, one for each time: offline. */
  marked?: boolean[]
  markedLabel?: string
  tall?: boolean
}) {
  const t = useT()
  const [at, setAt] = useState<number | null>(null)
  const scale = useMemo(
    () =>
      scaleOf(
        series.flatMap((one) => one.values),
        { fromZero },
      ),
    [series, fromZero],
  )
  const ticks = useMemo(() => clockTicks(span.from, span.to, zone), [span.from, span.to, zone])
  const shown = at ?? lastKnown(series)
  const moment = shown === null ? undefined : times[shown]

  const onPointer = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = (event.clientX - box.left) / box.width
    setAt(nearest(times, span.from + share * (span.to - span.from)))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0
    if (step === 0) return
    event.preventDefault()
    setAt(Math.min(times.length - 1, Math.max(0, (shown ?? times.length - 1) + step)))
  }
  const x =
    moment === undefined ? null : `${(((moment - span.from) / (span.to - span.from)) * 100).toFixed(2)}%`

  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-medium">{title}</span>
        <span
          className="flex flex-wrap items-center gap-x-3 text-xs text-muted"
          aria-live={at === null ? "off" : "polite"}
        >
          {series.map((one) => (
            <span key={one.label} className="inline-flex items-center gap-1">
              <span aria-hidden="true" className={cx("h-0.5 w-3", SWATCHES[one.look ?? "main"])} />
              {one.label}
              <b className="font-semibold text-ink">{valueText(one.values[shown ?? -1], format)}</b>
            </span>
          ))}
          {shown !== null && marked?.[shown] && markedLabel ? (
            <b className="font-semibold text-bad">{markedLabel}</b>
          ) : null}
          {moment === undefined ? null : (
            <time dateTime={new Date(moment).toISOString()} title={formatExact(new Date(moment), zone)}>
              {formatClock(new Date(moment), zone)}
            </time>
          )}
        </span>
      </figcaption>
      <div className="grid grid-cols-[3.5rem_minmax(0,1fr)] gap-x-2">
        <svg className={cx("w-full overflow-visible", tall ? "h-56" : "h-32")} aria-hidden="true">
          {scale.ticks.map((tick) => (
            <text
              key={tick}
              x="100%"
              y={`${(1 - (tick - scale.min) / (scale.max - scale.min)) * 100}%`}
              dy="0.32em"
              textAnchor="end"
              className="fill-muted text-2xs"
            >
              {withoutTrailingZeros(format(tick))}
            </text>
          ))}
        </svg>
        <div
          role="img"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys read single moments
          tabIndex={0}
          aria-label={`${title}. ${series.map((one) => `${one.label} ${valueText(one.values[shown ?? -1], format)}`).join(", ")}`}
          className={cx("relative cursor-crosshair touch-pan-y", tall ? "h-56" : "h-32")}
          onPointerMove={onPointer}
          onPointerLeave={() => setAt(null)}
          onKeyDown={onKeyDown}
          onBlur={() => setAt(null)}
        >
          <svg
            viewBox="0 0 1000 1000"
            preserveAspectRatio="none"
            className="absolute inset-0 h-full w-full overflow-visible"
            fill="none"
            aria-hidden="true"
          >
            {marked
              ? bands(times, marked, span).map((band) => (
                  <rect
                    key={band.x}
                    x={band.x * 1000}
                    width={band.width * 1000}
                    height="1000"
                    className="fill-bad/10"
                  />
                ))
              : null}
            {scale.ticks.map((tick) => {
              const y = (1 - (tick - scale.min) / (scale.max - scale.min)) * 1000
              return (
                <path
                  key={tick}
                  d={`M0 ${y}H1000`}
                  className="stroke-line"
                  vectorEffect="non-scaling-stroke"
                />
              )
            })}
            {ticks.map((tick) => (
              <path
                key={tick.at}
                d={`M${tick.share * 1000} 0V1000`}
                className="stroke-line/60"
                vectorEffect="non-scaling-stroke"
              />
            ))}
            {series.map((one) => (
              <path
                key={one.label}
                d={linePath(times, one.values, span, scale)}
                className={STROKES[one.look ?? "main"]}
                strokeWidth="1.5"
                strokeLinejoin="round"
                strokeLinecap="round"
                vectorEffect="non-scaling-stroke"
              />
            ))}
          </svg>
          {at === null || x === null ? null : (
            <svg
              className="pointer-events-none absolute inset-0 h-full w-full overflow-visible"
              aria-hidden="true"
            >
              <line x1={x} x2={x} y1="0" y2="100%" className="stroke-ink/60" />
            </svg>
          )}
        </div>
        <span />
        <svg className="mt-1 h-4 w-full overflow-visible" aria-hidden="true">
          {ticks.map((tick) => (
            <text
              key={tick.at}
              x={`${tick.share * 100}%`}
              y="0.75rem"
              textAnchor={tick.share > 0.97 ? "end" : tick.share < 0.03 ? "start" : "middle"}
              className="fill-muted text-2xs"
            >
              {tick.label}
            </text>
          ))}
        </svg>
      </div>
      <details className="mt-1 text-xs">
        <summary className="inline-block cursor-pointer text-muted hover:text-ink hover:underline">
          {t("common.asTable")}
        </summary>
        <HourlyTable {...{ title, times, zone, series, format }} />
      </details>
    </figure>
  )
}

/** The same values as text, about one an hour. */
function HourlyTable({
  title,
  times,
  zone,
  series,
  format,
}: {
  title: string
  times: number[]
  zone: string
  series: ChartSeries[]
  format: (value: number) => string
}) {
  const t = useT()
  const every = Math.max(1, Math.round(times.length / 24))
  const rows = times.map((at, index) => ({ at, index })).filter(({ index }) => index % every === 0)
  return (
    <div className="mt-1 max-h-64 overflow-auto">
      <table className="border-collapse">
        <caption className="sr-only">{title}</caption>
        <thead>
          <tr>
            <th scope="col" className="pr-6 text-left font-medium text-muted">
              {t("common.time")}
            </th>
            {series.map((one) => (
              <th key={one.label} scope="col" className="pr-6 text-right font-medium text-muted">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, index }) => (
            <tr key={at}>
              <td className="pr-6">{formatClock(new Date(at), zone)}</td>
              {series.map((one) => (
                <td key={one.label} className="pr-6 text-right">
                  {valueText(one.values[index], format)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function valueText(value: number | null | undefined, format: (value: number) => string): string {
  return value == null ? UNKNOWN : format(value)
}

/** The last moment of which the main line knows something. */
function lastKnown(series: ChartSeries[]): number | null {
  const values = series[0]?.values ?? []
  for (let index = values.length - 1; index >= 0; index -= 1) if (values[index] != null) return index
  return null
}
