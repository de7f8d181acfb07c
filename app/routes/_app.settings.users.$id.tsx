import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { data } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { AccountLinkPanel, type MadeLink } from "#app/components/account-link.tsx"
import { ConfirmAction } from "#app/components/confirm-action.tsx"
import { PersonState } from "#app/components/person-state.tsx"
import { GlobalRoleField, SiteRoleFields } from "#app/components/role-fields.tsx"
import { idOf } from "#app/lib/form-fields.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { accountLinkUrl, globalRoleOf, membershipsOf } from "#app/lib/person-form.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { Definitions } from "#app/ui/definitions.tsx"
import { TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import { DomainError } from "#server/contract/errors.ts"
import { createAccountLink } from "#server/people/create-account-link.ts"
import { readUser } from "#server/people/read-user.ts"
import { setUserDisabled } from "#server/people/set-user-disabled.ts"
import { updateUser } from "#server/people/update-user.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle("people.users", data?.user.name)

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params }) => {
    const user = await readUser(ctx, { userId: idOf(params.id) })
    const { membershipSiteIds } = user.can
    const sites = (await listSites(ctx)).filter(
      (site) => membershipSiteIds === null || membershipSiteIds.includes(site.id),
    )
    return { user, sites: sites.map(({ id, name }) => ({ id, name })) }
  })
}

/** Account and roles, a link, the end: each a form with its own `intent`. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, load, params }) => {
    const t = translator("en")
    const userId = idOf(params.id)
    const { name, account } = await readUser(ctx, { userId })
    const done = (text: string) => redirectWithNotice(`/settings/users/${userId}`, { text })
    switch (form.text("intent")) {
      case "save": {
        const has = (field: string) => form.form.has(field)
        await updateUser(ctx, {
          userId,
          ...(has("name") ? { name: form.text("name") } : {}),
          ...(has("email") ? { email: form.text("email") } : {}),
          ...(has("globalRole") ? { globalRole: globalRoleOf(form) } : {}),
          ...(has("roles") ? { memberships: membershipsOf(form) } : {}),
        })
        return done(t("people.form.saved", { name: form.text("name") || name }))
      }
      case "disable":
        await setUserDisabled(ctx, { userId, disabled: true })
        return done(t("people.disable.done", { name }))
      case "enable":
        await setUserDisabled(ctx, { userId, disabled: false })
        return done(t("people.disable.enabled", { name }))
      case "link": {
        const link = await createAccountLink(ctx, { userId })
        const made: MadeLink = {
          ok: true,
          url: accountLinkUrl(load.baseUrl, link.token),
          expiresAt: link.expiresAt,
          userId,
          name,
          isClient: account === "client",
        }
        return data(made, { headers: { "Cache-Control": "no-store" } })
      }
      default:
        throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    }
  })
}

export default function User() {
  const { user, sites } = useLoaderData<typeof loader>()
  const answer = useAnswer<typeof action>()
  const problem = problemOf(answer)
  const made = answer && "ok" in answer && answer.ok ? answer : null
  const t = useT()
  return (
    <>
      <PageHeader
        trail={[{ to: "/settings/users", label: t("people.users") }]}
        title={
          <>
            {user.name} <PersonState person={user} />
          </>
        }
        note={user.email}
        actions={
          user.account === "client" ? (
            <ButtonLink to={`/settings/clients/${user.userId}`}>{t("people.machines")}</ButtonLink>
          ) : null
        }
      />
      <div className="max-w-5xl space-y-4">
        {user.disabled ? <Alert tone="info">{t("people.disable.note")}</Alert> : null}
        {made ? <AccountLinkPanel made={made} /> : null}
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <PersonForm user={user} sites={sites} problem={problem} />
          <Aside user={user} problem={problem} />
        </div>
      </div>
    </>
  )
}

type User = ReturnType<typeof useLoaderData<typeof loader>>["user"]

function PersonForm({
  user,
  sites,
  problem,
}: {
  user: User
  sites: { id: number; name: string }[]
  problem: FormProblem | null
}) {
  const t = useT()
  const own = problem?.values.intent === "save" ? problem : null
  const { editAccount, setGlobalRole } = user.can
  const givesRoles = user.account === "staff" && sites.length > 0
  return (
    <ActionForm problem={own} className="min-w-0 space-y-4">
      <Panel title={t("people.form.account")} aside={t(`people.account.${user.account}`)}>
        <input type="hidden" name="intent" value="save" />
        {editAccount ? null : (
          <Alert tone="info" className="mb-3">
            {user.globalRole ? t("people.form.untouchable") : t("people.form.notYours")}
          </Alert>
        )}
        <div className="grid gap-4 md:grid-cols-2">
          <TextField
            label={t("people.name")}
            name="name"
            required
            maxLength={100}
            autoComplete="off"
            disabled={!editAccount}
            defaultValue={own?.values.name ?? user.name}
            error={errorAt(own, "name")}
          />
          <TextField
            label={t("people.email")}
            name="email"
            type="email"
            required
            maxLength={254}
            autoComplete="off"
            disabled={!editAccount}
            defaultValue={own?.values.email ?? user.email}
            error={errorAt(own, "email")}
          />
          {setGlobalRole ? <GlobalRoleField current={user.globalRole} problem={own} /> : null}
        </div>
      </Panel>
      {givesRoles ? (
        <Panel title={t("people.form.rolesTitle")}>
          <input type="hidden" name="roles" value="given" />
          <SiteRoleFields sites={sites} roles={user.memberships} problem={own} />
        </Panel>
      ) : null}
      {editAccount || givesRoles ? <SubmitButton>{t("people.form.save")}</SubmitButton> : null}
    </ActionForm>
  )
}

function Aside({ user, problem }: { user: User; problem: FormProblem | null }) {
  const t = useT()
  const linkProblem = problem?.values.intent === "link" ? problem : null
  const enableProblem = problem?.values.intent === "enable" ? problem : null
  return (
    <div className="min-w-0 space-y-4">
      <Panel title={t("people.state")}>
        <Definitions
          items={[
            { term: t("people.since"), value: <Ago at={user.createdAt} /> },
            {
              term: t("people.lastLogin"),
              value: user.lastLoginAt ? <Ago at={user.lastLoginAt} /> : t("people.never"),
            },
          ]}
        />
        {user.can.disable ? (
          <div className="mt-3">
            {user.disabled ? (
              <ActionForm problem={enableProblem}>
                <input type="hidden" name="intent" value="enable" />
                <SubmitButton look="secondary">{t("people.disable.enable")}</SubmitButton>
              </ActionForm>
            ) : (
              <ConfirmAction
                button={t("people.disable.button")}
                title={t("people.disable.title", { name: user.name })}
                fields={{ intent: "disable" }}
                problem={problem}
                submit={t("people.disable.submit")}
              >
                <p>{t("people.disable.body")}</p>
              </ConfirmAction>
            )}
          </div>
        ) : null}
      </Panel>
      {user.can.editAccount && !user.disabled ? (
        <Panel title={t("people.link.panel")}>
          <ActionForm problem={linkProblem}>
            <input type="hidden" name="intent" value="link" />
            <p className="mb-3 text-xs text-muted">{t("people.link.body")}</p>
            <SubmitButton look="secondary">{t("people.link.make")}</SubmitButton>
          </ActionForm>
        </Panel>
      ) : null}
    </div>
  )
}
