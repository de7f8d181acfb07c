import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Form, Link, useLoaderData, useSearchParams } from "@remix-run/react"
import { PersonRoles, PersonState } from "#app/components/person-state.tsx"
import { formatCount } from "#app/lib/format.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button, ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { TextField } from "#app/ui/field.tsx"
import { NavTabs } from "#app/ui/nav-tabs.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import { requireUser } from "#server/access/permission.ts"
import { listUsers } from "#server/people/list-users.ts"

export const meta: MetaFunction = () => pageTitle("people.users")

const KINDS = ["staff", "client"] as const

/** The people the reader administers: `?q=&kind=`. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const kind = KINDS.find((one) => one === url.searchParams.get("kind"))
    const users = await listUsers(ctx, { q: url.searchParams.get("q")?.slice(0, 100), kind })
    return { users, kind: kind ?? null, selfId: requireUser(ctx).userId }
  })
}

export default function Users() {
  const { users, kind, selfId } = useLoaderData<typeof loader>()
  const t = useT()
  const [search] = useSearchParams()
  const q = search.get("q") ?? ""
  const to = (next: string | null) => {
    const params = new URLSearchParams({ ...(q ? { q } : {}), ...(next ? { kind: next } : {}) })
    return `/settings/users?${params}`
  }
  return (
    <>
      <PageHeader
        title={t("people.users")}
        actions={
          <ButtonLink to="/settings/users/new" look="primary">
            {t("people.newUser")}
          </ButtonLink>
        }
      />
      <Panel flush>
        <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line p-2">
          <NavTabs
            label={t("people.kindLabel")}
            items={[
              { to: to(null), label: t("people.everybody"), current: kind === null },
              { to: to("staff"), label: t("people.staff"), current: kind === "staff" },
              { to: to("client"), label: t("people.clientsTab"), current: kind === "client" },
            ]}
          />
          <Form method="get" role="search" className="flex gap-2">
            {kind ? <input type="hidden" name="kind" value={kind} /> : null}
            <TextField
              label={t("people.find")}
              labelHidden
              name="q"
              type="search"
              placeholder={t("people.findHint")}
              className="w-52"
              defaultValue={q}
              key={q}
            />
            <Button type="submit">{t("people.find")}</Button>
          </Form>
        </div>
        {users.length === 0 ? (
          <EmptyState
            title={t("people.noneFound")}
            action={<ButtonLink to="/settings/users">{t("people.showAll")}</ButtonLink>}
          >
            {t("people.noneFoundBody")}
          </EmptyState>
        ) : (
          <Table label={t("people.users")}>
            <thead>
              <tr>
                <Th>{t("people.name")}</Th>
                <Th>{t("people.email")}</Th>
                <Th>{t("people.roles")}</Th>
                <Th numeric>{t("people.machines")}</Th>
                <Th>{t("people.state")}</Th>
                <Th>{t("people.lastLogin")}</Th>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <Tr key={user.userId} className={user.disabled ? "text-muted" : undefined}>
                  <Td className="whitespace-nowrap">
                    <Link to={`/settings/users/${user.userId}`} className="link font-medium">
                      {user.name}
                    </Link>
                    {user.userId === selfId ? (
                      <span className="ml-2 text-xs text-muted">({t("people.you")})</span>
                    ) : null}
                  </Td>
                  <Td className="whitespace-nowrap">{user.email}</Td>
                  <Td className="whitespace-nowrap">
                    <PersonRoles person={user} />
                  </Td>
                  <Td numeric>
                    {user.account === "client" ? (
                      <Link to={`/miners?owner=${user.userId}&status=all`} className="link">
                        {formatCount(user.minerCount)}
                      </Link>
                    ) : (
                      <span className="text-muted">{t("common.unknown")}</span>
                    )}
                  </Td>
                  <Td>
                    <PersonState person={user} />
                  </Td>
                  <Td>{user.lastLoginAt ? <Ago at={user.lastLoginAt} /> : t("people.never")}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
      </Panel>
    </>
  )
}
