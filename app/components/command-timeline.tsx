import { formatExact } from "#app/lib/format.ts"
import { stepNote, stepTitle } from "#app/lib/step-words.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { TimelineStep } from "#server/commands/read-command.ts"

/** Of a long story its beginning and its end are shown at once. */
const FIRST = 5
const LAST = 12

/** Who did what to a command, and when. */
export function CommandTimeline({
  steps,
  leftOut,
  zone,
}: {
  steps: TimelineStep[]
  leftOut: number
  zone: string
}) {
  const t = useT()
  const long = steps.length > FIRST + LAST + 3
  const head = long ? steps.slice(0, FIRST) : steps
  const middle = long ? steps.slice(FIRST, -LAST) : []
  const tail = long ? steps.slice(-LAST) : []
  return (
    <Panel title={t("commands.page.timeline")} aside={zone}>
      {leftOut > 0 ? (
        <p className="mb-2 text-xs text-muted">{t("commands.stepLeftOut", { count: leftOut })}</p>
      ) : null}
      <Steps steps={head} zone={zone} />
      {long ? (
        <>
          <details className="my-2">
            <summary className="cursor-pointer text-xs text-accent hover:underline">
              {t("commands.stepMore", { count: middle.length })}
            </summary>
            <div className="mt-2">
              <Steps steps={middle} zone={zone} />
            </div>
          </details>
          <Steps steps={tail} zone={zone} />
        </>
      ) : null}
    </Panel>
  )
}

function Steps({ steps, zone }: { steps: TimelineStep[]; zone: string }) {
  const t = useT()
  return (
    <ol className="space-y-2">
      {steps.map((step, index) => {
        const note = stepNote(t, step)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
          <li key={`${index} ${step.action}`} className="flex items-baseline justify-between gap-3">
            <span className="min-w-0">
              <span className="font-medium">{stepTitle(t, step)}</span>
              <By step={step} />
              {note ? <span className="block break-words text-xs text-muted">{note}</span> : null}
            </span>
            <span className="shrink-0 text-right text-xs text-muted">
              <Ago at={step.at} zone={zone} />
              <span className="block text-2xs">{formatExact(step.at, zone).replace(` ${zone}`, "")}</span>
            </span>
          </li>
        )
      })}
    </ol>
  )
}

/** Who, and where he came from if that is worth a word. */
function By({ step }: { step: TimelineStep }) {
  const t = useT()
  const parts = [
    step.by ? t("commands.stepBy", { name: step.by }) : null,
    step.byKind === "user" && step.source === "api" ? t("commands.stepVia") : null,
  ].filter((part) => part !== null)
  if (parts.length === 0) return null
  const title = step.address ? t("commands.stepFrom", { address: step.address }) : undefined
  return (
    <span className="text-muted" title={title}>
      {" "}
      {parts.join(", ")}
    </span>
  )
}
