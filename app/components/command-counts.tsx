import type { Translate } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { ProportionBar } from "#app/ui/proportion-bar.tsx"
import type { CommandListRow } from "#server/commands/list-commands.ts"

type Counts = Pick<CommandListRow, "succeeded" | "failed" | "unknown" | "skipped" | "open" | "running">
const ORDER = [
  { name: "succeeded", tone: "ok" },
  { name: "failed", tone: "bad" },
  { name: "unknown", tone: "warn" },
  { name: "running", tone: "accent" },
  { name: "skipped", tone: "idle" },
] as const

/** `8 succeeded, 1 failed, 3 waiting`. */
export function countsText(t: Translate, counts: Counts): string {
  const waiting = counts.open - counts.running
  return [
    ...ORDER.filter(({ name }) => counts[name] > 0).map(({ name }) =>
      t(`commands.counts.${name}`, { count: counts[name] }),
    ),
    ...(waiting > 0 ? [t("commands.counts.waiting", { count: waiting })] : []),
  ].join(", ")
}

/** How the machines of a command stand, in words and as a bar whose empty part waits. */
export function CommandCounts({ counts }: { counts: Counts }) {
  const t = useT()
  const text = countsText(t, counts)
  return (
    <div className="min-w-0">
      <span>{text}</span>
      <ProportionBar
        label={text}
        parts={ORDER.map(({ name, tone }) => ({ tone, value: counts[name] }))}
        rest={counts.open - counts.running}
      />
    </div>
  )
}
