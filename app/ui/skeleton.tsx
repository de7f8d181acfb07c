import { useT } from "#app/lib/strings/use-t.ts"

/** Holds the place of rows that are on their way. */
export function Skeleton({ rows = 3 }: { rows?: number }) {
  const t = useT()
  return (
    <div role="status" aria-label={t("common.loading")} className="animate-pulse space-y-2 p-3">
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((key) => (
        <div key={key} className="h-5 rounded bg-ink/10" />
      ))}
    </div>
  )
}
