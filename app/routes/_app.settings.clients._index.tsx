import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { formatCount } from "#app/lib/format.ts"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import { listClients } from "#server/people/list-clients.ts"

export const meta: MetaFunction = () => pageTitle("people.clients.title")

/** The hosting clients with what they own at the reader's sites. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => ({
    clients: await listClients(ctx),
    canCreate: mayAnywhere(ctx.actor, "USER_MANAGE", "FULL"),
  }))
}

export default function Clients() {
  const { clients, canCreate } = useLoaderData<typeof loader>()
  const t = useT()
  const create = (
    <ButtonLink to="/settings/users/new?kind=client" look="primary">
      {t("people.clients.newClient")}
    </ButtonLink>
  )
  return (
    <>
      <PageHeader
        title={t("people.clients.title")}
        actions={canCreate && clients.length > 0 ? create : null}
      />
      <Panel flush>
        {clients.length === 0 ? (
          <EmptyState title={t("people.clients.none")} action={canCreate ? create : null}>
            {t("people.clients.noneBody")}
          </EmptyState>
        ) : (
          <Table label={t("people.clients.title")}>
            <thead>
              <tr>
                <Th>{t("people.name")}</Th>
                <Th>{t("people.email")}</Th>
                <Th numeric>{t("people.clients.owned")}</Th>
                <Th>{t("people.state")}</Th>
                <Th>{t("people.lastLogin")}</Th>
                <Th>{t("people.since")}</Th>
              </tr>
            </thead>
            <tbody>
              {clients.map((client) => (
                <Tr key={client.userId} className={client.disabled ? "text-muted" : undefined}>
                  <Td className="whitespace-nowrap">
                    <Link to={`/settings/clients/${client.userId}`} className="link font-medium">
                      {client.name}
                    </Link>
                  </Td>
                  <Td className="whitespace-nowrap">{client.email}</Td>
                  <Td numeric>
                    <Link to={`/miners?owner=${client.userId}&status=all`} className="link">
                      {formatCount(client.minerCount)}
                    </Link>
                  </Td>
                  <Td>
                    <Badge tone={client.disabled ? "idle" : "ok"} icon={client.disabled ? "close" : "check"}>
                      {client.disabled ? t("people.disabled") : t("people.active")}
                    </Badge>
                  </Td>
                  <Td>{client.lastLoginAt ? <Ago at={client.lastLoginAt} /> : t("people.never")}</Td>
                  <Td>
                    <Ago at={client.createdAt} />
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
      </Panel>
    </>
  )
}
