import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Icon } from "#app/ui/icon.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { CommandDetail } from "#server/commands/read-command.ts"
import { useCommandName } from "./command-status.tsx"
import type { ShownWave } from "./command-waves.tsx"
import { ConfirmAction } from "./confirm-action.tsx"
import { CancelButton } from "./decide-buttons.tsx"

/** That a command stands still, why, and the two ways on. */
export function HaltedNotice({
  command,
  waves,
  can,
  expiresAt,
  problem,
}: {
  command: CommandDetail["command"]
  waves: ShownWave[]
  can: CommandDetail["can"]
  /** When the rest expires if nobody decides. */
  expiresAt: Date | null
  problem: FormProblem | null
}) {
  const t = useT()
  const left = waves.filter((wave) => wave.releasedAt === null)
  const leftMachines = left.reduce((sum, wave) => sum + wave.open, 0)
  const zone = command.timezone
  return (
    <section
      role="alert"
      aria-label={t("commands.halted")}
      className="rounded-lg border-2 border-bad bg-bad/10 p-3"
    >
      <div className="flex items-start gap-2.5">
        <Icon name="bad" className="mt-0.5 h-5 w-5 text-bad" />
        <div className="min-w-0 flex-1 space-y-2">
          <p className="text-base font-semibold text-bad">
            {command.waves > 0
              ? t("commands.halt.title", { wave: command.releasedWave, waves: command.waves })
              : t("commands.halt.titleShort")}
          </p>
          {command.haltReason ? <p className="break-words font-medium">{command.haltReason}</p> : null}
          <p>
            {t("commands.halt.since")} <Ago at={command.haltedAt} zone={zone} />.{" "}
            {t("commands.halt.left", { count: leftMachines })} {t("commands.halt.still")}{" "}
            {t("commands.halt.expires")} <Ago at={expiresAt} zone={zone} />.
          </p>
          {can.resume || can.cancel ? (
            <div className="flex flex-wrap gap-2">
              {can.resume && left[0] ? (
                <Resume command={command} left={left} next={left[0]} problem={problem} />
              ) : null}
              {can.cancel ? <CancelButton command={command} problem={problem} rest={leftMachines} /> : null}
            </div>
          ) : null}
        </div>
      </div>
    </section>
  )
}

function Resume({
  command,
  left,
  next,
  problem,
}: {
  command: CommandDetail["command"]
  left: ShownWave[]
  next: ShownWave
  problem: FormProblem | null
}) {
  const t = useT()
  const action = useCommandName()(command.type, command.parameters)
  return (
    <ConfirmAction
      button={t("commands.resume.button")}
      look="primary"
      title={t("commands.resume.title", { action })}
      fields={{ commandId: command.id, action, intent: "resume" }}
      problem={problem}
      submit={t("commands.resume.submit", { wave: next.wave })}
      dismiss={t("commands.resume.keep")}
    >
      <p>
        {t("commands.resume.next", {
          wave: next.wave,
          waves: command.waves,
          machines: t("commands.machines", { count: next.targets }),
          site: command.siteName,
        })}{" "}
        {left.length > 1 ? t("commands.resume.after", { count: left.length - 1 }) : null}
      </p>
      {command.haltReason ? (
        <div>
          <p>{t("commands.resume.care")}</p>
          <p className="mt-1 border-l-2 border-bad pl-2 font-medium">{command.haltReason}</p>
        </div>
      ) : null}
    </ConfirmAction>
  )
}
