import { useT } from "#app/lib/strings/use-t.ts"
import { Badge, type Tone } from "#app/ui/badge.tsx"
import type { IconName } from "#app/ui/icon.tsx"
import type { ResultStatus, CommandStatus as Status } from "#server/contract/commands.ts"

const COMMANDS: Record<Status, { tone: Tone; icon: IconName }> = {
  PENDING: { tone: "idle", icon: "clock" },
  PENDING_APPROVAL: { tone: "warn", icon: "clock" },
  QUEUED: { tone: "accent", icon: "clock" },
  RUNNING: { tone: "accent", icon: "live" },
  SUCCEEDED: { tone: "ok", icon: "check" },
  FAILED: { tone: "bad", icon: "bad" },
  EXPIRED: { tone: "idle", icon: "clock" },
  CANCELLED: { tone: "idle", icon: "close" },
}
const RESULTS: Record<ResultStatus, { tone: Tone; icon: IconName }> = {
  PENDING: { tone: "idle", icon: "clock" },
  RUNNING: { tone: "accent", icon: "live" },
  SUCCEEDED: { tone: "ok", icon: "check" },
  FAILED: { tone: "bad", icon: "bad" },
  SKIPPED: { tone: "idle", icon: "close" },
}

/** Where a command stands. */
export function CommandStatus({ status }: { status: Status }) {
  const t = useT()
  return <Badge {...COMMANDS[status]}>{t(`command.status.${status}`)}</Badge>
}

/** A command that stands still in the middle of its waves. */
export function HaltedMark() {
  const t = useT()
  return (
    <Badge tone="bad" icon="bad">
      {t("commands.haltedOne")}
    </Badge>
  )
}

/** Where a command stands at one machine; code 5 says that nobody knows what happened. */
export function CommandResultStatus({ status, code }: { status: ResultStatus; code?: number | null }) {
  const t = useT()
  if (status === "FAILED" && code === 5)
    return (
      <Badge tone="warn" icon="unknown">
        {t("command.outcomeUnknown")}
      </Badge>
    )
  return <Badge {...RESULTS[status]}>{t(`command.result.${status}`)}</Badge>
}

export { CommandName, useCommandName } from "./command-words.tsx"
