import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { CommandArea } from "#app/components/command-area.tsx"
import { settingsOf } from "#app/components/command-words.tsx"
import { requestPath } from "#app/lib/actions.ts"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { requireTemplates } from "#app/lib/require-anywhere.ts"
import { stockNames } from "#app/lib/stock-names.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { Icon } from "#app/ui/icon.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import { listTemplates } from "#server/commands/templates/list-templates.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("templates.title")

/** Templates of the sites where the reader may ask for commands. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    requireTemplates(ctx)
    const [templates, sites] = await Promise.all([listTemplates(ctx, {}), listSites(ctx)])
    return {
      templates,
      sites: Object.fromEntries(sites.map(({ id, slug, timezone }) => [id, { slug, timezone }])),
      names: await stockNames(
        ctx,
        templates.map((template) => template.action),
      ),
      mayMake: mayAnywhere(ctx.actor, "REMOTE_CONTROL_REQUEST", "FULL"),
    }
  })
}

export default function Templates() {
  const { templates, mayMake } = useLoaderData<typeof loader>()
  const t = useT()
  return (
    <>
      <PageHeader
        title={t("templates.title")}
        note={t("templates.note")}
        actions={
          mayMake ? (
            <ButtonLink to="/templates/new">
              <Icon name="plus" />
              {t("templates.new")}
            </ButtonLink>
          ) : null
        }
      />
      <CommandArea current="templates" />
      <Panel flush>
        {templates.length === 0 ? (
          <EmptyState title={t("templates.none")}>{t("templates.noneBody")}</EmptyState>
        ) : (
          <TemplateTable />
        )}
      </Panel>
    </>
  )
}

function TemplateTable() {
  const { templates, sites, names } = useLoaderData<typeof loader>()
  const t = useT()
  const severalSites = Object.keys(sites).length > 1
  return (
    <Table label={t("templates.title")}>
      <thead>
        <tr>
          <Th>{t("templates.name")}</Th>
          <Th>{t("templates.command")}</Th>
          <Th className="hidden md:table-cell">{t("templates.settings")}</Th>
          {severalSites ? <Th className="hidden sm:table-cell">{t("templates.site")}</Th> : null}
          <Th className="hidden lg:table-cell">{t("templates.changed")}</Th>
          <Th className="w-8" />
        </tr>
      </thead>
      <tbody>
        {templates.map((template) => (
          <Tr key={template.id}>
            <Td className="max-w-64">
              <Link to={`/templates/${template.id}`} className="link block truncate font-medium">
                {template.name}
              </Link>
              {template.description ? (
                <span className="block truncate text-xs text-muted" title={template.description}>
                  {template.description}
                </span>
              ) : null}
              {template.keys && template.keys.sealed < template.keys.devices ? (
                <span className="block text-xs text-warn">
                  {t("templates.keysMissing", {
                    count: template.keys.devices - template.keys.sealed,
                  })}
                </span>
              ) : null}
            </Td>
            <Td>{t(`command.type.${template.action.type}`)}</Td>
            <Td className="hidden max-w-md text-xs text-muted md:table-cell">
              {settingsOf(t, template.action.type, template.action.parameters, names).map((item) => (
                <span key={item.term} className="block break-words">
                  {`${item.term}: ${item.value}`}
                </span>
              ))}
            </Td>
            {severalSites ? <Td className="hidden sm:table-cell">{template.siteName}</Td> : null}
            <Td className="hidden text-xs text-muted lg:table-cell">
              <Ago at={template.updatedAt} zone={sites[template.siteId]?.timezone} />{" "}
              {template.updatedByName ? t("templates.changedBy", { name: template.updatedByName }) : null}
            </Td>
            <Td>
              <ButtonLink
                size="sm"
                to={requestPath(null, {
                  template_id: template.id,
                  "pick.site": sites[template.siteId]?.slug ?? "",
                  "pick.status": "active",
                  edit: "1",
                })}
                aria-label={t("templates.useName", { name: template.name })}
              >
                {t("templates.use")}
              </ButtonLink>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
