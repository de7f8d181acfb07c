import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { useCommandName } from "#app/components/command-status.tsx"
import { DecideButtons } from "#app/components/decide-buttons.tsx"
import { choiceOf } from "#app/lib/actions.ts"
import { decideCommand } from "#app/lib/decide-command.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Definitions } from "#app/ui/definitions.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import { requireUser } from "#server/access/permission.ts"
import { countApprovals } from "#server/commands/count-approvals.ts"
import { listApprovals } from "#server/commands/list-approvals.ts"
import { readCommand } from "#server/commands/read-command.ts"

export const meta: MetaFunction = () => pageTitle("commands.waiting.title")

const SHOWN = 25
const NAMED = 12

/** What waits for a second person, each with the machines it is meant for. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    const { userId } = requireUser(ctx)
    const [all, total] = await Promise.all([listApprovals(ctx), countApprovals(ctx)])
    const waiting = await Promise.all(
      all.slice(0, SHOWN).map(async (command) => {
        const { results } = await readCommand(ctx, { commandId: command.id })
        const machines = results
          .slice(0, NAMED)
          .map(({ minerId, label, minerKey }) => ({ minerId, name: label ?? minerKey }))
        return { ...command, machines, own: command.requestedBy === userId }
      }),
    )
    return { waiting, total }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form }) =>
    redirectWithNotice("/approvals", { text: await decideCommand(ctx, form, form.text("commandId")) }),
  )
}

export default function Approvals() {
  const { waiting, total } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  return (
    <>
      <PageHeader title={t("commands.waiting.title")} />
      {/* A decision that came too late takes its card, and the dialog with its refusal, away. */}
      {problem && !waiting.some((command) => command.id === problem.values.commandId) ? (
        <Alert tone="bad" className="mb-4 max-w-4xl">
          {problem.message}
        </Alert>
      ) : null}
      {waiting.length === 0 ? (
        <Panel>
          <EmptyState title={t("commands.waiting.none")}>{t("commands.waiting.noneBody")}</EmptyState>
        </Panel>
      ) : (
        <ul className="max-w-4xl space-y-4">
          {waiting.map((command) => (
            <li key={command.id}>
              <Waiting command={command} problem={problem} />
            </li>
          ))}
        </ul>
      )}
      {total > waiting.length ? (
        <p className="mt-3 text-xs text-muted">
          {t("commands.waiting.first", { shown: waiting.length, all: total })}
        </p>
      ) : null}
    </>
  )
}

type One = ReturnType<typeof useLoaderData<typeof loader>>["waiting"][number]

function Waiting({ command, problem }: { command: One; problem: FormProblem | null }) {
  const t = useT()
  const name = useCommandName()(command.type, command.parameters)
  const choice = choiceOf(`${command.type}:${String(Object.values(command.parameters)[0])}`)
  const more = command.targets - command.machines.length
  return (
    <Panel
      title={
        <Link to={`/commands/${command.id}`} className="link">
          {name}
        </Link>
      }
      aside={
        <>
          {t("commands.waiting.asked", { who: command.requestedByName ?? t("commands.someone") })}{" "}
          <Ago at={command.requestedAt} zone={command.timezone} />
        </>
      }
    >
      <Definitions
        items={[
          {
            term: t("commands.waiting.machines"),
            value: (
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
                      {t("commands.waiting.more", { count: more })}
                    </Link>
                  </>
                ) : null}
              </>
            ),
          },
          ...(choice ? [{ term: t("commands.page.whatHappens"), value: t(`command.what.${choice}`) }] : []),
          { term: t("commands.waiting.changes"), value: t("commands.waiting.changesNone") },
          {
            term: t("commands.waiting.reasons"),
            value: command.approvalReasons.map((reason) => t(`commands.waiting.reason.${reason}`)).join("; "),
          },
          ...(command.note ? [{ term: t("commands.page.note"), value: command.note }] : []),
          {
            term: t("commands.waiting.expires"),
            value: <Ago at={command.approvalExpiresAt} zone={command.timezone} />,
          },
        ]}
      />
      <div className="mt-3 flex flex-wrap items-center gap-2">
        {command.can.approve ? (
          <DecideButtons command={command} problem={problem} />
        ) : (
          <p className="text-muted">
            {command.own ? t("commands.page.ownRequest") : t("commands.page.notYours")}
          </p>
        )}
      </div>
    </Panel>
  )
}
