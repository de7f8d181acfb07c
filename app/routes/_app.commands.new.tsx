// path: command 1/10
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { type ShouldRevalidateFunction, useLoaderData } from "@remix-run/react"
import { RequestForm } from "#app/components/request-form.tsx"
import { RequestPreview } from "#app/components/request-preview.tsx"
import { RequestTargets } from "#app/components/request-targets.tsx"
import { RequestType } from "#app/components/request-type.tsx"
import { askedOf, checkFields, searchOf, targetEntries, withPasswords } from "#app/lib/command-request.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { requestDone } from "#app/lib/request-done.ts"
import {
  keepsPasswords,
  offeredAt,
  optionsFor,
  readSelection,
  templatesFor,
  verbTargets,
  withOrigin,
} from "#app/lib/request-page.ts"
import { requireAnywhere } from "#app/lib/require-anywhere.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { type CommandPreview, previewCommand } from "#server/commands/preview-command.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import { PREVIEW_GROUPS, WAVES_ABOVE_TARGETS } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { listMiners } from "#server/fleet/list-miners.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("request.title")

const PAGE_SIZE = 25

/**
 * Asking for a command, step by step in the address: which machines, which command, its settings, and what it would do.
 * Nothing happens yet, and no password is in it.
 */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    requireAnywhere(ctx, "REMOTE_CONTROL_REQUEST", "OWN")
    const origin = await withOrigin(ctx, askedOf(url.searchParams), url.searchParams)
    const { asked } = origin
    const isClient = ctx.actor.kind === "user" && ctx.actor.account === "client"
    const [selection, sites, { facets }] = await Promise.all([
      readSelection(ctx, origin),
      listSites(ctx),
      listMiners(ctx, { pageSize: 1, facets: true }),
    ])
    const offered = await offeredAt(ctx, selection)
    const [templates, options] = await Promise.all([
      templatesFor(ctx, selection, offered),
      optionsFor(ctx, asked, selection),
    ])
    const checked = asked.type ? checkFields(asked.type, asked.fields) : null
    let preview: CommandPreview | null = null
    let problem: string | null = null
    if (checked?.action && selection?.total && !asked.editing) {
      const kept = keepsPasswords(origin, checked.action, selection.siteIds)
      try {
        preview = await previewCommand(ctx, {
          targets: verbTargets(origin) ?? { minerIds: [] },
          action: checked.action,
          ...(asked.run.waveSize === undefined ? {} : { waveSize: asked.run.waveSize }),
          ...(asked.run.backupFirst ? { backupFirst: true } : {}),
          ...(kept && asked.templateId ? { templateId: asked.templateId } : {}),
          ...pageOf(url.searchParams),
          pageSize: PAGE_SIZE,
        })
      } catch (error) {
        // What the verb alone can know, like firmware that was deleted, leads back to the form.
        if (!(error instanceof DomainError && error.code === "INVALID")) throw error
        problem = error.message
      }
    } else if (asked.sent && !asked.editing && !selection?.total)
      problem = translator("en")("miners.nothingChosen")
    else if (checked?.wrong && asked.sent) problem = translator("en")("request.wrong.fixMarked")
    return {
      asked,
      /** The address of this request without page and group, and that of its form. */
      search: searchOf(asked).toString(),
      editSearch: searchOf(asked, { editing: true }).toString(),
      kept: targetEntries(asked.targets),
      selection,
      sites: sites.map(({ id, slug, name }) => ({ id, slug, name })),
      facets: facets ?? { makes: [], models: [], places: [], tags: [] },
      offered,
      templates,
      options,
      templateName: origin.template?.name ?? null,
      repeats: origin.retry !== null,
      settings: isClient
        ? ("none" as const)
        : selection && selection.total > WAVES_ABOVE_TARGETS
          ? ("waves" as const)
          : ("few" as const),
      action: checked?.action ?? null,
      wrong: asked.sent ? (checked?.wrong ?? {}) : {},
      problem,
      preview,
      group: PREVIEW_GROUPS.find((group) => group === url.searchParams.get("group")) ?? null,
      keepsPasswords: checked?.action
        ? keepsPasswords(origin, checked.action, selection?.siteIds ?? [])
        : false,
      mayKeepTemplates: !isClient && offered.includes("CHANGE_POOL"),
      lookedAt: ctx.now(),
      /** New with each form: the same form sent twice runs once. */
      requestId: crypto.randomUUID(),
    }
  })
}

function pageOf(search: URLSearchParams) {
  const page = Number(search.get("page"))
  const group = PREVIEW_GROUPS.find((one) => one === search.get("group"))
  return { page: Number.isInteger(page) && page > 0 ? page : 1, ...(group ? { group } : {}) }
}

/** What is shown is what is confirmed: a preview does not change by itself under the reader's hand. */
export const shouldRevalidate: ShouldRevalidateFunction = ({ currentUrl, nextUrl, formMethod }) =>
  formMethod === "POST" || currentUrl.href !== nextUrl.href

/** Everything but passwords and the note may stand in the address or in the form. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, url }) => {
    const t = translator("en")
    const search = new URLSearchParams(url.search)
    for (const name of new Set(form.form.keys())) {
      if (/password/i.test(name)) continue
      search.delete(name)
      for (const value of form.all(name)) search.append(name, value)
    }
    const origin = await withOrigin(ctx, askedOf(search), search)
    const { asked } = origin
    const checked = asked.type ? checkFields(asked.type, asked.fields) : null
    if (!checked?.action) throw new DomainError("INVALID", t("request.wrong.fixMarked"))
    const targets = verbTargets(origin, form.text("expect") || undefined)
    if (!targets) throw new DomainError("INVALID", t("miners.nothingChosen"))
    const selection = asked.templateId ? await readSelection(ctx, origin) : null
    const kept = keepsPasswords(origin, checked.action, selection?.siteIds ?? [])
    const { commands } = await requestCommand(ctx, {
      requestId: form.text("requestId"),
      targets,
      action: withPasswords(checked.action, asked.fields, form),
      note: form.text("note") || undefined,
      ...asked.run,
      ...(origin.retry ? { retryOf: origin.retry.commandId } : {}),
      ...(kept && asked.templateId ? { templateId: asked.templateId } : {}),
    })
    return requestDone(commands, checked.action, asked.back)
  })
}

export default function NewCommand() {
  const page = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const { asked, selection, preview } = page
  const to = (choice: Record<string, string>) =>
    `/commands/new?${new URLSearchParams([...page.kept, ...(asked.back ? [["back", asked.back]] : []), ...Object.entries(choice)])}`
  if (preview && page.action)
    return <RequestPreview page={{ ...page, preview, action: page.action }} problem={problem} />
  const ofType: [string, string][] = [...new URLSearchParams(page.search)].filter(
    ([name]) => name !== "ids" && name !== "filter" && (name !== "retry" || asked.targets.kind !== "retry"),
  )
  return (
    <div className="max-w-4xl space-y-4">
      <PageHeader
        title={asked.type ? t(`command.type.${asked.type}`) : t("request.title")}
        note={selection?.total ? t("commands.machines", { count: selection.total }) : null}
      />
      <RequestTargets
        targets={asked.targets}
        count={selection?.total ?? 0}
        sites={page.sites}
        facets={page.facets}
        kept={ofType}
      />
      {asked.type ? (
        <RequestForm
          key={asked.type + asked.templateId}
          fields={{
            type: asked.type,
            values: asked.fields,
            wrong: page.wrong,
            offered: page.offered,
            backups: page.options.backups,
            artifacts: page.options.artifacts,
          }}
          run={asked.run}
          kept={[
            ...page.kept,
            ...(asked.templateId ? [["template_id", asked.templateId] as [string, string]] : []),
            ...(asked.retryOf && asked.targets.kind !== "retry"
              ? [["retry", asked.retryOf] as [string, string]]
              : []),
            ...(asked.back ? [["back", asked.back] as [string, string]] : []),
          ]}
          settings={page.settings}
          templateName={page.templateName}
          needsPassword={page.repeats && (asked.type === "CHANGE_POOL" || asked.type === "SET_LOGIN")}
          problem={page.problem}
          toTypes={to({})}
        />
      ) : (
        <RequestType offered={page.offered} templates={page.templates} to={to} />
      )}
    </div>
  )
}
