import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { data } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { useState } from "react"
import { AccountLinkPanel, type MadeLink } from "#app/components/account-link.tsx"
import { GlobalRoleField, SiteRoleFields } from "#app/components/role-fields.tsx"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { accountLinkUrl, globalRoleOf, membershipsOf } from "#app/lib/person-form.ts"
import { requireAnywhere } from "#app/lib/require-anywhere.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { levelAt, requireUser } from "#server/access/permission.ts"
import { createUser } from "#server/people/create-user.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("people.create.title")

const KINDS = ["staff", "client"] as const

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    requireAnywhere(ctx, "USER_MANAGE", "FULL")
    const sites = (await listSites(ctx)).filter(
      (site) => levelAt(ctx.actor, "USER_MANAGE", site.id) === "FULL",
    )
    return {
      sites: sites.map(({ id, name }) => ({ id, name })),
      isAdmin: requireUser(ctx).globalRole === "admin",
      kind: KINDS.find((one) => one === url.searchParams.get("kind")) ?? "staff",
    }
  })
}

/** Makes the account; its link is answered here, once, and nowhere kept. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, load }) => {
    const account = form.text("account") === "client" ? ("client" as const) : ("staff" as const)
    const name = form.text("name")
    const { userId, link } = await createUser(ctx, {
      name,
      email: form.text("email"),
      account,
      globalRole: account === "staff" ? globalRoleOf(form) : null,
      memberships: account === "staff" ? membershipsOf(form) : [],
    })
    const made: MadeLink = {
      ok: true,
      url: accountLinkUrl(load.baseUrl, link.token),
      expiresAt: link.expiresAt,
      userId,
      name,
      isClient: account === "client",
    }
    return data(made, { headers: { "Cache-Control": "no-store" } })
  })
}

export default function NewUser() {
  const page = useLoaderData<typeof loader>()
  const answer = useAnswer<typeof action>()
  const problem = problemOf(answer)
  const made = answer?.ok === true ? answer : null
  const t = useT()
  return (
    <>
      <PageHeader
        trail={[{ to: "/settings/users", label: t("people.users") }]}
        title={t("people.create.title")}
        note={made ? null : t("people.create.body")}
      />
      <div className="max-w-2xl">
        {made ? (
          <AccountLinkPanel made={made}>
            <ButtonLink to={`/settings/users/${made.userId}`}>{t("people.link.open")}</ButtonLink>
            {made.isClient ? (
              <ButtonLink to={`/settings/clients/${made.userId}`}>{t("people.link.machines")}</ButtonLink>
            ) : null}
          </AccountLinkPanel>
        ) : (
          <NewUserForm {...page} problem={problem} />
        )}
      </div>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function NewUserForm({ sites, isAdmin, kind, problem }: Page & { problem: FormProblem | null }) {
  const t = useT()
  const [account, setAccount] = useState(problem?.values.account ?? kind)
  return (
    <ActionForm problem={problem} className="space-y-4">
      <Panel title={t("people.form.account")}>
        <div className="space-y-4">
          <fieldset>
            <legend className="mb-1 text-xs font-medium text-muted">{t("people.create.kind")}</legend>
            <div className="grid gap-2 sm:grid-cols-2">
              {KINDS.map((one) => (
                <label key={one} className="flex items-start gap-2">
                  <input
                    type="radio"
                    name="account"
                    value={one}
                    checked={account === one}
                    onChange={() => setAccount(one)}
                    className="mt-1 accent-accent"
                  />
                  <span>
                    {t(`people.account.${one}`)}
                    <span className="block text-xs text-muted">
                      {one === "staff" ? t("people.create.staffHint") : t("people.create.clientHint")}
                    </span>
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
          <TextField
            label={t("people.name")}
            hint={t("people.form.nameHint")}
            name="name"
            required
            maxLength={100}
            autoComplete="off"
            defaultValue={problem?.values.name}
            error={errorAt(problem, "name")}
          />
          <TextField
            label={t("people.email")}
            name="email"
            type="email"
            required
            maxLength={254}
            autoComplete="off"
            defaultValue={problem?.values.email}
            error={errorAt(problem, "email")}
          />
          {isAdmin && account === "staff" ? <GlobalRoleField current={null} problem={problem} /> : null}
        </div>
      </Panel>
      {account === "staff" ? (
        <Panel title={t("people.form.rolesTitle")}>
          <SiteRoleFields sites={sites} roles={[]} problem={problem} />
        </Panel>
      ) : null}
      <div className="flex gap-2">
        <SubmitButton>{t("people.create.submit")}</SubmitButton>
        <ButtonLink to="/settings/users" look="quiet">
          {t("people.create.cancel")}
        </ButtonLink>
      </div>
    </ActionForm>
  )
}
