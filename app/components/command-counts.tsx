import { useT } from "#app/lib/strings/use-t.ts"
import { ProportionBar } from "#app/ui/proportion-bar.tsx"
import type { CommandListRow } from "#server/commands/list-commands.ts"

type Counts = Pick<CommandListRow, "succeeded" | "failed" | "skipped" | "open">
const ORDER = [
  { name: "succeeded", tone: "ok" },
  { name: "failed", tone: "bad" },
  { name: "open", tone: "accent" },
  { name: "skipped", tone: "idle" },
] as const

/** How the machines of a command stand, in words (`said` has better ones) and as a bar. */
export function CommandCounts({ counts, said }: { counts: Counts; said?: string | null }) {
  const t = useT()
  const text = ORDER.filter(({ name }) => counts[name] > 0)
    .map(({ name }) => t(`commands.counts.${name}`, { count: counts[name] }))
    .join(", ")
  return (
    <div>
      <span className={said ? undefined : "whitespace-nowrap"}>{said ?? text}</span>
      <ProportionBar label={text} parts={ORDER.map(({ name, tone }) => ({ tone, value: counts[name] }))} />
    </div>
  )
}
