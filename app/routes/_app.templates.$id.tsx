import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { CommandSettings } from "#app/components/command-words.tsx"
import { ConfirmAction } from "#app/components/confirm-action.tsx"
import { TemplateForm } from "#app/components/template-form.tsx"
import { fieldsOfAction } from "#app/lib/command-fields.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { optionsFor } from "#app/lib/request-page.ts"
import { requireTemplates } from "#app/lib/require-anywhere.ts"
import { stockNames } from "#app/lib/stock-names.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { saveTemplateForm } from "#app/lib/template-form.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import { offeredFeatures } from "#server/commands/offered-features.ts"
import { deleteTemplate } from "#server/commands/templates/delete-template.ts"
import { readTemplate } from "#server/commands/templates/read-template.ts"
import { DomainError } from "#server/contract/errors.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle("templates.title", data?.template.name)

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params }) => {
    requireTemplates(ctx)
    const template = await readTemplate(ctx, { templateId: templateIdOf(params.id) })
    const { type, parameters } = template.action
    const fields = fieldsOfAction(type, parameters)
    const [sites, offered, options, names] = await Promise.all([
      listSites(ctx),
      offeredFeatures(ctx, { siteId: template.siteId }),
      optionsFor(ctx, { type, fields }, null),
      stockNames(ctx, [template.action]),
    ])
    const site = sites.find(({ id }) => id === template.siteId)
    return {
      template,
      fields,
      offered,
      artifacts: options.artifacts,
      names,
      site: { slug: site?.slug ?? "", timezone: site?.timezone ?? "UTC" },
    }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, params }) => {
    const t = translator("en")
    const templateId = templateIdOf(params.id)
    switch (form.text("intent")) {
      case "save": {
        const { siteId } = await readTemplate(ctx, { templateId })
        const { name } = await saveTemplateForm(ctx, form, { siteId, id: templateId })
        return redirectWithNotice("/templates", { text: t("templates.saved", { name }) })
      }
      case "delete": {
        const { name } = await deleteTemplate(ctx, { templateId })
        return redirectWithNotice("/templates", { text: t("templates.deleted", { name }) })
      }
      default:
        throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    }
  })
}

/** An address that is no template's is one of none. */
function templateIdOf(id: string | undefined): string {
  if (id && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id
  throw new DomainError("NOT_FOUND", "There is no such template.")
}

export default function Template() {
  const { template, fields, offered, artifacts, names, site } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const { type, parameters } = template.action
  const saving = problem?.values.intent === "delete" ? null : problem
  return (
    <div className="max-w-4xl">
      <PageHeader
        trail={[{ to: "/templates", label: t("templates.title") }]}
        title={template.name}
        note={
          <>
            {[t(`command.type.${type}`), template.siteName].join(" · ")}
            {" · "}
            {t("templates.changed")} <Ago at={template.updatedAt} zone={site.timezone} />{" "}
            {template.updatedByName ? t("templates.changedBy", { name: template.updatedByName }) : null}
          </>
        }
        actions={
          <ButtonLink
            look="primary"
            to={`/commands/new?${new URLSearchParams({
              template_id: template.id,
              "pick.site": site.slug,
              "pick.status": "active",
              edit: "1",
            })}`}
          >
            {t("templates.use")}
          </ButtonLink>
        }
      />
      <Panel title={t("templates.settings")}>
        {template.can.edit ? (
          <TemplateForm
            type={type}
            values={fields}
            named={template}
            sites={null}
            offered={offered}
            artifacts={artifacts}
            keptPassword
            problem={saving}
            cancelTo="/templates"
            aside={
              <span className="ml-auto">
                <ConfirmAction
                  button={t("templates.delete")}
                  title={t("templates.deleteTitle", { name: template.name })}
                  fields={{ intent: "delete" }}
                  problem={problem}
                  submit={t("templates.deleteSubmit")}
                >
                  <p>{t("templates.deleteBody")}</p>
                </ConfirmAction>
              </span>
            }
          />
        ) : (
          <div className="space-y-3">
            <p className="text-muted">{t("templates.readOnly")}</p>
            {template.description ? <p>{template.description}</p> : null}
            <CommandSettings type={type} parameters={parameters} names={names} />
          </div>
        )}
      </Panel>
    </div>
  )
}
