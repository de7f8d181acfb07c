import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Form, useLoaderData, useRouteLoaderData, useSubmit } from "@remix-run/react"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { THEMES } from "#app/lib/theme.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import type { loader as rootLoader } from "#app/root.tsx"
import { Button } from "#app/ui/button.tsx"
import { Definitions } from "#app/ui/definitions.tsx"
import { TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { requireUser } from "#server/access/permission.ts"
import { changePassword } from "#server/auth/change-password.ts"
import { DomainError } from "#server/contract/errors.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("account.title")

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    const user = requireUser(ctx)
    const sites = new Map((await listSites(ctx)).map((site) => [site.id, site.name]))
    return {
      name: user.name,
      email: user.email,
      role: user.account === "client" ? ("client" as const) : (user.globalRole ?? ("staff" as const)),
      memberships: [...user.memberships].map(([siteId, role]) => ({ site: sites.get(siteId) ?? "", role })),
    }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form }) => {
    const t = translator("en")
    const newPassword = form.secret("newPassword")
    if (newPassword !== form.secret("repeatPassword"))
      throw new DomainError("INVALID", t("common.fixFields"), {
        details: [{ path: "repeatPassword", message: t("account.passwordsDiffer") }],
      })
    await changePassword(ctx, { currentPassword: form.secret("currentPassword"), newPassword })
    return redirectWithNotice("/account", { text: t("account.passwordChanged") })
  })
}

export default function Account() {
  const { name, email, role, memberships } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  return (
    <>
      <PageHeader title={t("account.title")} note={t("account.signedInAs", { name, email })} />
      <div className="grid max-w-4xl gap-4 md:grid-cols-2">
        <Panel title={t("account.changePassword")}>
          <ActionForm problem={problem} className="space-y-3">
            <input type="hidden" name="username" autoComplete="username" value={email} />
            <TextField
              label={t("account.currentPassword")}
              name="currentPassword"
              type="password"
              autoComplete="current-password"
              required
              error={errorAt(problem, "currentPassword")}
            />
            <TextField
              label={t("account.newPassword")}
              hint={t("account.newPasswordHint")}
              name="newPassword"
              type="password"
              autoComplete="new-password"
              required
              error={errorAt(problem, "newPassword")}
            />
            <TextField
              label={t("account.repeatPassword")}
              name="repeatPassword"
              type="password"
              autoComplete="new-password"
              required
              error={errorAt(problem, "repeatPassword")}
            />
            <SubmitButton>{t("account.changePassword")}</SubmitButton>
          </ActionForm>
        </Panel>
        <div className="space-y-4">
          <Appearance />
          <Panel title={t(`account.role.${role}`)}>
            <Definitions
              items={memberships.map(({ site, role }) => ({
                term: site,
                value: t(`account.siteRole.${role}`),
              }))}
            />
          </Panel>
        </div>
      </div>
    </>
  )
}

function Appearance() {
  const theme = useRouteLoaderData<typeof rootLoader>("root")?.theme ?? "system"
  const submit = useSubmit()
  const t = useT()
  return (
    <Panel title={t("account.theme")} aside={t("account.themeHint")}>
      <Form method="post" action="/theme" onChange={(event) => submit(event.currentTarget)}>
        <fieldset className="flex flex-wrap gap-x-4 gap-y-2">
          <legend className="sr-only">{t("account.theme")}</legend>
          {THEMES.map((one) => (
            <label key={one} className="inline-flex items-center gap-1.5">
              <input
                type="radio"
                name="theme"
                value={one}
                defaultChecked={one === theme}
                className="accent-accent"
              />
              {t(`account.themes.${one}`)}
            </label>
          ))}
        </fieldset>
        <noscript>
          <Button type="submit" size="sm" className="mt-3">
            {t("common.apply")}
          </Button>
        </noscript>
      </Form>
    </Panel>
  )
}
