import { formatDuration } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"

/** How long something took, also when that is under a second. */
export function ShortTime({ ms }: { ms: number | null }) {
  const t = useT()
  if (ms === null || ms >= 1_000) return <>{formatDuration(ms)}</>
  return <>{t("collectors.ms", { ms: Math.round(ms) })}</>
}
