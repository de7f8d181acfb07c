import { Link } from "@remix-run/react"
import type { ReactNode } from "react"
import { choiceOfAction } from "#app/lib/actions.ts"
import { formatDuration } from "#app/lib/format.ts"
import type { Translate } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Definitions } from "#app/ui/definitions.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { CommandDetail } from "#server/commands/read-command.ts"
import { CommandStatus } from "./command-status.tsx"
import { settingsOf } from "./command-words.tsx"

type Item = { term: string; value: ReactNode; title?: string }
type Shown = Pick<CommandDetail, "command" | "retryOf" | "retries" | "waves"> & {
  /** It runs, or will run, in more than one wave. */
  inWaves: boolean
  /** What its gate waits for. */
  sign: "answered" | "reachable" | "hashing"
}

/** Everything that was asked for, by whom, and how it was to run. */
export function CommandFacts({ detail, names }: { detail: Shown; names: Record<string, string> }) {
  const t = useT()
  const { command } = detail
  const choice = choiceOfAction(command.type, command.parameters)
  return (
    <Panel title={t("commands.page.facts")}>
      <Definitions
        items={[
          ...(choice ? [{ term: t("commands.page.whatHappens"), value: t(`command.what.${choice}`) }] : []),
          ...settingsOf(t, command.type, command.parameters, names),
          {
            term: t("commands.site"),
            value: (
              <Link to={`/sites/${command.siteSlug}`} className="link">
                {command.siteName}
              </Link>
            ),
          },
          ...askedFor(t, command),
          ...decided(t, command),
          ...relatives(t, detail),
          ...howItRuns(t, detail),
          {
            term: t("commands.page.id"),
            value: <span className="break-all font-mono text-xs">{command.id}</span>,
          },
        ]}
      />
    </Panel>
  )
}

function askedFor(t: Translate, command: Shown["command"]): Item[] {
  return [
    { term: t("commands.by"), value: command.requestedByName ?? t("commands.someone") },
    { term: t("commands.asked"), value: <Ago at={command.requestedAt} zone={command.timezone} /> },
    { term: t("commands.page.source"), value: t(`commands.page.sources.${command.source}`) },
    ...(command.targetFilter
      ? [{ term: t("commands.page.chosen"), value: t("commands.page.byFilter") }]
      : []),
    ...(command.note
      ? [
          {
            term: t("commands.page.note"),
            value: <span className="whitespace-pre-line">{command.note}</span>,
          },
        ]
      : []),
  ]
}

function decided(t: Translate, command: Shown["command"]): Item[] {
  const waits = command.status === "PENDING_APPROVAL"
  return [
    ...(command.approvalReasons.length > 0
      ? [
          {
            term: waits ? t("commands.page.waits") : t("commands.page.waited"),
            value: command.approvalReasons.map((reason) => t(`command.approvalReason.${reason}`)).join("; "),
          },
        ]
      : []),
    ...(waits && command.approvalExpiresAt
      ? [
          {
            term: t("commands.page.until"),
            value: <Ago at={command.approvalExpiresAt} zone={command.timezone} />,
          },
        ]
      : []),
    ...(command.approvedAt
      ? [{ term: t("commands.page.approved"), value: byAt(t, command, "approvedByName", "approvedAt") }]
      : []),
    ...(command.cancelledAt
      ? [{ term: t("commands.page.cancelled"), value: byAt(t, command, "cancelledByName", "cancelledAt") }]
      : []),
  ]
}

function byAt(
  t: Translate,
  command: Shown["command"],
  by: "approvedByName" | "cancelledByName",
  at: "approvedAt" | "cancelledAt",
): ReactNode {
  return (
    <>
      {t("commands.stepBy", { name: command[by] ?? t("commands.someone") })},{" "}
      <Ago at={command[at]} zone={command.timezone} />
    </>
  )
}

function relatives(t: Translate, { retryOf, retries, command }: Shown): Item[] {
  const link = (one: (typeof retries)[number]) => (
    <span key={one.id} className="flex flex-wrap items-center gap-x-2">
      <Link to={`/commands/${one.id}`} className="link">
        {t("commands.page.otherCommand", { machines: t("commands.machines", { count: one.targets }) })}
      </Link>
      <Ago at={one.requestedAt} zone={command.timezone} /> <CommandStatus status={one.status} />
    </span>
  )
  return [
    ...(retryOf ? [{ term: t("commands.page.retryOf"), value: link(retryOf) }] : []),
    ...(retries.length > 0 ? [{ term: t("commands.page.retries"), value: retries.map(link) }] : []),
  ]
}

function howItRuns(t: Translate, { command, waves, inWaves, sign }: Shown): Item[] {
  return [
    ...(command.backupFirst
      ? [{ term: t("commands.page.backupFirst"), value: t("commands.page.backupFirstYes") }]
      : []),
    ...(command.targets > 1
      ? [
          {
            term: t("commands.page.howWaves"),
            value: wavesText(t, { command, waves, inWaves }),
          },
        ]
      : []),
    ...(inWaves
      ? [
          {
            term: t("commands.page.halts"),
            value: t("commands.page.haltsAbove", { percent: command.waveFailPercent }),
          },
          ...(sign === "hashing"
            ? [
                {
                  term: t("commands.page.hashShare"),
                  value: t("commands.page.hashShareFrom", { percent: command.waveHashPercent }),
                },
              ]
            : []),
        ]
      : []),
    {
      term: t("commands.page.priority"),
      value: t("commands.page.priorityOf", { priority: command.priority }),
    },
    { term: t("commands.page.ttl"), value: t("commands.page.minutes", { count: command.ttlMinutes }) },
  ]
}

function wavesText(
  t: Translate,
  { command, waves, inWaves }: Omit<Shown, "retryOf" | "retries" | "sign">,
): string {
  if (!inWaves) return t("commands.page.wavesNone")
  const pause = formatDuration(command.wavePauseS * 1000)
  const count = waves.length
  // Of a mixed command a client knows no size but his own.
  if (count > 1 && command.waves === 0) return t("commands.page.wavesCount", { count, pause })
  if (count > 1)
    return t("commands.page.wavesOf", {
      count,
      size: Math.max(...waves.map((wave) => wave.targets)),
      pause,
    })
  return command.waveSize === null
    ? t("commands.page.wavesAsSite", { pause })
    : t("commands.page.wavesSize", { size: command.waveSize, pause })
}
