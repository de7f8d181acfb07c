import { formatDuration, formatExact } from "#app/lib/format.ts"
import { useNow } from "#app/lib/now.tsx"
import { useT } from "#app/lib/strings/use-t.ts"

/** How long ago (or ahead), with the exact time in the site's zone on hover. null is a dash. */
export function Ago({ at, zone = "UTC" }: { at: Date | string | null | undefined; zone?: string }) {
  const t = useT()
  const now = useNow()
  if (at == null) return <span>{t("common.unknown")}</span>
  const date = new Date(at)
  const ms = now - date.getTime()
  const text =
    Math.abs(ms) < 5_000
      ? t("common.justNow")
      : ms > 0
        ? t("common.ago", { time: shortDuration(ms) })
        : t("common.ahead", { time: shortDuration(-ms) })
  return (
    <time dateTime={date.toISOString()} title={formatExact(date, zone)} className="whitespace-nowrap">
      {text}
    </time>
  )
}

/** The exact time in a zone. */
export function Exact({ at, zone = "UTC" }: { at: Date | string | null | undefined; zone?: string }) {
  const t = useT()
  if (at == null) return <span>{t("common.unknown")}</span>
  const date = new Date(at)
  return (
    <time dateTime={date.toISOString()} className="whitespace-nowrap">
      {formatExact(date, zone)}
    </time>
  )
}

/** The largest part alone: an age needs no second one. */
function shortDuration(ms: number): string {
  return formatDuration(ms).split(" ").slice(0, 2).join(" ")
}
