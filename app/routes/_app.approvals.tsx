import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { ApprovalCard } from "#app/components/approval-card.tsx"
import { decideCommand } from "#app/lib/decide-command.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { stockNames } from "#app/lib/stock-names.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { requireUser } from "#server/access/permission.ts"
import { countApprovals } from "#server/commands/count-approvals.ts"
import { listApprovals } from "#server/commands/list-approvals.ts"
import { listResults } from "#server/commands/list-results.ts"

export const meta: MetaFunction = () => pageTitle("approvals.title")

const SHOWN = 25
const NAMED = 12
const CHANGES = 20

/** What waits for a second person, each with what he has to know to decide. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    const { userId } = requireUser(ctx)
    const [all, total] = await Promise.all([listApprovals(ctx), countApprovals(ctx)])
    // What the reader can decide comes first.
    const ordered = [...all.filter((one) => one.can.approve), ...all.filter((one) => !one.can.approve)]
    const waiting = await Promise.all(
      ordered.slice(0, SHOWN).map(async (command) => {
        const { rows } = await listResults(ctx, { commandId: command.id, sort: "name", pageSize: NAMED })
        return {
          ...command,
          pools: command.pools?.slice(0, CHANGES) ?? null,
          poolGroups: command.pools?.length ?? 0,
          machines: rows.map(({ minerId, label, minerKey }) => ({ minerId, name: label ?? minerKey })),
          own: command.requestedBy === userId,
        }
      }),
    )
    return { waiting, total, names: await stockNames(ctx, waiting) }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form }) =>
    redirectWithNotice("/approvals", { text: await decideCommand(ctx, form, form.text("commandId")) }),
  )
}

export default function Approvals() {
  const { waiting, total, names } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const mine = waiting.filter((command) => command.can.approve)
  const others = waiting.filter((command) => !command.can.approve)
  return (
    <>
      <PageHeader title={t("approvals.title")} />
      {/* A decision that came too late takes its card, and the dialog with its refusal, away. */}
      {problem && !waiting.some((command) => command.id === problem.values.commandId) ? (
        <Alert tone="bad" className="mb-4 max-w-4xl">
          {problem.message}
        </Alert>
      ) : null}
      {waiting.length === 0 ? (
        <Panel>
          <EmptyState title={t("approvals.none")}>{t("approvals.noneBody")}</EmptyState>
        </Panel>
      ) : (
        <div className="max-w-4xl space-y-6">
          <Cards title={t("approvals.forYou")} commands={mine} names={names} problem={problem} />
          <Cards title={t("approvals.forOthers")} commands={others} names={names} problem={problem} />
        </div>
      )}
      {total > waiting.length ? (
        <p className="mt-3 text-xs text-muted">
          {t("approvals.first", { shown: waiting.length, all: total })}
        </p>
      ) : null}
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function Cards({
  title,
  commands,
  names,
  problem,
}: {
  title: string
  commands: Page["waiting"]
  names: Page["names"]
  problem: FormProblem | null
}) {
  if (commands.length === 0) return null
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-base font-semibold">
        {title} <span className="font-normal text-muted">{commands.length}</span>
      </h2>
      <ul className="space-y-4">
        {commands.map((command) => (
          <li key={command.id}>
            <ApprovalCard command={command} names={names} problem={problem} />
          </li>
        ))}
      </ul>
    </section>
  )
}
