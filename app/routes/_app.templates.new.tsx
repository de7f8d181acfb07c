import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { RequestType } from "#app/components/request-type.tsx"
import { TemplateForm } from "#app/components/template-form.tsx"
import { askedOf } from "#app/lib/command-request.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { ownPath } from "#app/lib/own-path.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { optionsFor } from "#app/lib/request-page.ts"
import { requireAnywhere } from "#app/lib/require-anywhere.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { saveTemplateForm } from "#app/lib/template-form.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { levelAt } from "#server/access/permission.ts"
import { offeredFeatures } from "#server/commands/offered-features.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("templates.new")

/** A restore is of one machine at one time, and a password of machines is nobody's to keep. */
const KEPT_BY_NOBODY: readonly string[] = ["RESTORE_CONFIG", "SET_LOGIN"]

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    requireAnywhere(ctx, "REMOTE_CONTROL_REQUEST", "FULL")
    const asked = askedOf(url.searchParams)
    const [all, offered, options] = await Promise.all([
      listSites(ctx),
      offeredFeatures(ctx),
      optionsFor(ctx, asked, null),
    ])
    const sites = all.filter((site) => levelAt(ctx.actor, "REMOTE_CONTROL_REQUEST", site.id) === "FULL")
    const wanted = url.searchParams.get("site")
    return {
      type: asked.type && KEPT_BY_NOBODY.includes(asked.type) ? null : asked.type,
      fields: asked.fields,
      sites: sites.map(({ id, name }) => ({ id, name, chosen: String(id) === wanted })),
      offered: offered.filter((feature) => !KEPT_BY_NOBODY.includes(feature)),
      artifacts: options.artifacts,
      back: ownPath(url.searchParams.get("back"), "/templates"),
    }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, url }) => {
    const { id, name } = await saveTemplateForm(ctx, form, { siteId: form.number("siteId") })
    return redirectWithNotice(withTemplate(ownPath(url.searchParams.get("back"), "/templates"), id), {
      text: translator("en")("templates.saved", { name }),
    })
  })
}

/** The request that it was made from goes on with it: its passwords are kept there. */
function withTemplate(back: string, id: string): string {
  const [path, query] = back.split("?")
  if (path !== "/commands/new") return back
  const search = new URLSearchParams(query)
  search.set("template_id", id)
  return `${path}?${search}`
}

export default function NewTemplate() {
  const { type, fields, sites, offered, artifacts, back } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  return (
    <div className="max-w-4xl">
      <PageHeader trail={[{ to: "/templates", label: t("templates.title") }]} title={t("templates.new")} />
      {type ? (
        <Panel
          title={t(`command.type.${type}`)}
          aside={
            <Link to="/templates/new" className="link">
              {t("templates.changeType")}
            </Link>
          }
        >
          <TemplateForm
            key={type}
            type={type}
            values={fields}
            named={{ name: "", description: null }}
            sites={sites}
            offered={offered}
            artifacts={artifacts}
            keptPassword={false}
            problem={problem}
            cancelTo={back}
          />
        </Panel>
      ) : (
        <RequestType
          title={t("templates.chooseType")}
          offered={offered}
          templates={[]}
          to={(choice) => `/templates/new?${new URLSearchParams(choice)}`}
        />
      )}
    </div>
  )
}
