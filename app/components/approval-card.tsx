import { Link } from "@remix-run/react"
import { choiceOfAction } from "#app/lib/actions.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Definitions } from "#app/ui/definitions.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { ApprovalRow } from "#server/commands/list-approvals.ts"
import { settingsOf, useCommandName } from "./command-words.tsx"
import { DecideButtons } from "./decide-buttons.tsx"
import { PoolChanges } from "./pool-changes.tsx"

type Waiting = Pick<
  ApprovalRow,
  | "id"
  | "type"
  | "parameters"
  | "status"
  | "targets"
  | "siteName"
  | "timezone"
  | "source"
  | "note"
  | "requestedByName"
  | "requestedAt"
  | "approvalExpiresAt"
  | "approvalReasons"
  | "fingerprint"
  | "backupFirst"
  | "pools"
  | "can"
> & {
  /** How many lines `pools` has in all. */
  poolGroups: number
  /** The first of its machines by name. */
  machines: { minerId: number; name: string }[]
  /** The reader asked for it himself. */
  own: boolean
}

/** A request that waits: all that a second person has to know, and his two buttons. */
export function ApprovalCard({
  command,
  names,
  problem,
}: {
  command: Waiting
  names: Record<string, string>
  problem: FormProblem | null
}) {
  const t = useT()
  const name = useCommandName()(command.type, command.parameters)
  const choice = choiceOfAction(command.type, command.parameters)
  const items = [
    { term: t("approvals.machines"), value: <Machines command={command} /> },
    ...(choice ? [{ term: t("approvals.effect"), value: t(`command.what.${choice}`) }] : []),
    ...settingsOf(t, command.type, command.parameters, names),
    ...(command.backupFirst ? [{ term: t("approvals.how"), value: t("approvals.backupFirst") }] : []),
    {
      term: t("approvals.reasons"),
      value: command.approvalReasons.map((reason) => t(`command.approvalReason.${reason}`)).join("; "),
    },
    ...(command.note ? [{ term: t("approvals.note"), value: command.note }] : []),
    ...(command.source === "manual"
      ? []
      : [{ term: t("approvals.source"), value: t(`commands.page.sources.${command.source}`) }]),
    {
      term: t("approvals.expires"),
      value: <Ago at={command.approvalExpiresAt} zone={command.timezone} />,
    },
  ]
  return (
    <Panel
      title={
        <Link to={`/commands/${command.id}`} className="link">
          {name}
        </Link>
      }
      aside={
        <>
          {t("approvals.asked", { who: command.requestedByName ?? t("approvals.someone") })}{" "}
          <Ago at={command.requestedAt} zone={command.timezone} />
        </>
      }
      flush
    >
      <div className="p-3">
        <Definitions items={items} />
      </div>
      {command.pools?.length ? (
        <div className="border-t border-line">
          <PoolChanges pools={command.pools} />
          {command.poolGroups > command.pools.length ? (
            <p className="border-t border-line px-3 py-2 text-xs">
              <Link to={`/commands/${command.id}`} className="link">
                {t("approvals.more", { count: command.poolGroups - command.pools.length })}
              </Link>
            </p>
          ) : null}
        </div>
      ) : null}
      <div className="flex flex-wrap items-center gap-2 border-t border-line p-3">
        {command.can.approve ? (
          <DecideButtons command={command} problem={problem} />
        ) : (
          <p className="text-muted">{command.own ? t("approvals.own") : t("approvals.notYours")}</p>
        )}
      </div>
    </Panel>
  )
}

function Machines({ command }: { command: Waiting }) {
  const t = useT()
  const more = command.targets - command.machines.length
  return (
    <>
      {t("commands.page.summary", {
        targets: t("commands.machines", { count: command.targets }),
        site: command.siteName,
      })}
      {": "}
      {command.machines.map(({ minerId, name }, index) => (
        <span key={minerId}>
          {index > 0 ? ", " : null}
          <Link to={`/miners/${minerId}`} className="link">
            {name}
          </Link>
        </span>
      ))}
      {more > 0 ? (
        <>
          {" "}
          <Link to={`/commands/${command.id}`} className="link">
            {t("approvals.more", { count: more })}
          </Link>
        </>
      ) : null}
    </>
  )
}
