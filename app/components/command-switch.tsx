import { formatExact } from "#app/lib/format.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { TextField } from "#app/ui/field.tsx"
import { errorAt } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import type { CommandsPause } from "#server/collectors/read-collector.ts"
import { ConfirmAction } from "./confirm-action.tsx"

/** The kill switch of a site or of one collector: says how it stands, and asks before it turns. */
export function CommandSwitch({
  of,
  name,
  pause,
  zone,
  can,
  problem,
}: {
  of: "site" | "collector"
  name: string
  pause: CommandsPause | null
  zone: string
  can: { pause: boolean; resume: boolean }
  problem: FormProblem | null
}) {
  const t = useT()
  const stopping = problem?.values.intent === "pause-commands" ? problem : null
  return (
    <Panel title={t("pause.title")}>
      <div className="space-y-3">
        {pause ? <PausedNote pause={pause} zone={zone} /> : <p>{t(`pause.off.${of}`)}</p>}
        {pause && can.resume ? (
          <ConfirmAction
            button={t("pause.resume.button")}
            look="primary"
            title={t("pause.resume.title", { name })}
            fields={{ intent: "resume-commands" }}
            problem={problem}
            submit={t("pause.resume.submit")}
            submitLook="primary"
          >
            <p>{t("pause.resume.body")}</p>
          </ConfirmAction>
        ) : null}
        {!pause && can.pause ? (
          <ConfirmAction
            button={t("pause.stop.button")}
            look="secondary"
            title={t("pause.stop.title", { name })}
            fields={{ intent: "pause-commands" }}
            problem={problem}
            submit={t("pause.stop.submit")}
          >
            <p>{t("pause.stop.body")}</p>
            <TextField
              label={t("pause.stop.reason")}
              name="reason"
              maxLength={300}
              defaultValue={stopping?.values.reason}
              error={errorAt(stopping, "reason")}
            />
          </ConfirmAction>
        ) : null}
      </div>
    </Panel>
  )
}

/** That commands stand still, since when, and why. */
export function PausedNote({ pause, zone }: { pause: CommandsPause; zone: string }) {
  const t = useT()
  return (
    <Alert tone="bad">
      <span className="font-semibold">{t("pause.on")}</span>{" "}
      {t("pause.since", { at: formatExact(pause.at, zone), by: pause.by ?? t("pause.someone") })}
      {pause.reason ? <span className="block">{t("pause.because", { reason: pause.reason })}</span> : null}
    </Alert>
  )
}
