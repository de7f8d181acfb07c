import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Form, Link, useLoaderData } from "@remix-run/react"
import { LoginForm } from "#app/components/login-form.tsx"
import { LoginTable } from "#app/components/login-table.tsx"
import type { FormFields } from "#app/lib/form-fields.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { ownPath } from "#app/lib/own-path.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import { isFactoryPassword } from "#server/contract/factory-passwords.ts"
import { listCredentials } from "#server/credentials/list-credentials.ts"
import { removeCredential } from "#server/credentials/remove-credential.ts"
import { setCredential } from "#server/credentials/set-credential.ts"
import { tryLoginsAgain } from "#server/credentials/try-logins-again.ts"
import { readMiner } from "#server/fleet/read-miner.ts"
import { readSite } from "#server/sites/read-site.ts"

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle("logins.link", data ? translator("en")("logins.title", { name: data.site.name }) : undefined)

const PAGE_SIZE = 50

/** The logins of a site's machines: who has which, without passwords, and a form to give one. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url, params }) => {
    const { id, slug, name, timezone } = await readSite(ctx, { slug: params.slug ?? "" })
    const page = Number(url.searchParams.get("page"))
    const list = await listCredentials(ctx, {
      siteId: id,
      page: Number.isInteger(page) && page > 0 && page <= 10_000 ? page : 1,
      pageSize: PAGE_SIZE,
    })
    const wanted = url.searchParams.get("for") ?? ""
    const minerId = Number(/^miner:([1-9]\d{0,8})$/.exec(wanted)?.[1] ?? 0)
    const miner = minerId > 0 ? (await readMiner(ctx, { minerId })).miner : null
    return {
      site: { slug, name, timezone },
      ...list,
      wanted,
      username: url.searchParams.get("user")?.slice(0, 64) ?? "",
      miner: miner?.siteId === id ? { id: miner.id, name: miner.name } : null,
    }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, params }) => {
    const t = translator("en")
    const { id: siteId, slug } = await readSite(ctx, { slug: params.slug ?? "" })
    const back = ownPath(form.text("back"), `/sites/${slug}/logins`)
    switch (form.text("intent")) {
      case "set":
        return redirectWithNotice(back, { text: await give(ctx, form, siteId) })
      case "remove":
        await removeCredential(ctx, { siteId, id: form.text("id") })
        return redirectWithNotice(back, { text: t("logins.removed") })
      case "retry": {
        const minerIds = form.integers("minerId")
        const { asked } = await tryLoginsAgain(ctx, { siteId, ...(minerIds.length > 0 ? { minerIds } : {}) })
        return redirectWithNotice(
          back,
          asked > 0
            ? { text: t("logins.retried", { count: asked }) }
            : { text: t("logins.retriedNone"), tone: "warn" },
        )
      }
      default:
        throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    }
  })
}

async function give(ctx: Context, form: FormFields, siteId: number): Promise<string> {
  const t = translator("en")
  const password = form.secret("password")
  const { sealedTo } = await setCredential(ctx, {
    siteId,
    subject: subjectOf(form.text("for")),
    username: form.text("username"),
    password,
  })
  return isFactoryPassword(password) ? t("logins.savedFactory") : t("logins.saved", { count: sealedTo })
}

function subjectOf(text: string): Parameters<typeof setCredential>[1]["subject"] {
  const [scope, of = ""] = text.split(":")
  if (scope === "family") return { scope, family: of }
  if (scope === "miner") return { scope, minerId: Number(of) }
  return { scope: "site" }
}

export default function MachineLogins() {
  const page = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const { site, shared, machines, can } = page
  const table = { zone: site.timezone, canChange: can.change, problem }
  return (
    <>
      <PageHeader
        trail={[
          { to: "/sites", label: t("sites.title") },
          { to: `/sites/${site.slug}`, label: site.name },
        ]}
        title={t("logins.title", { name: site.name })}
      />
      <div className="max-w-5xl space-y-4">
        <p className="max-w-prose text-muted">{t("logins.intro")}</p>
        {can.change ? null : <Alert tone="info">{t("logins.readOnly")}</Alert>}
        <NeedLogin {...page} />
        <Panel title={t("logins.shared.title")} flush>
          {shared.length > 0 ? (
            <LoginTable label={t("logins.shared.title")} rows={shared} {...table} />
          ) : (
            <EmptyState title={t("logins.shared.none")}>{t("logins.shared.noneBody")}</EmptyState>
          )}
        </Panel>
        {can.change ? (
          <LoginForm
            key={page.wanted}
            slug={site.slug}
            wanted={page.wanted}
            username={page.username}
            miner={page.miner}
            problem={problem}
          />
        ) : null}
        <Panel title={t("logins.machines.title")} flush>
          {machines.rows.length > 0 ? (
            <>
              <LoginTable label={t("logins.machines.title")} rows={machines.rows} {...table} />
              <Pagination page={machines.page} pageSize={machines.pageSize} total={machines.total} />
            </>
          ) : (
            <p className="p-3 text-muted">{t("logins.machines.none")}</p>
          )}
        </Panel>
      </div>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function NeedLogin({ needLogin, site, can }: Page) {
  const t = useT()
  if (needLogin === 0) return <p className="text-muted">{t("logins.need.none")}</p>
  return (
    <Alert tone="warn">
      <p className="font-medium">{t("logins.need.title", { count: needLogin })}</p>
      <p className="mt-1">{t("logins.need.body")}</p>
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <Link to={`/miners?site=${site.slug}&status=needs_login`} className="link">
          {t("logins.need.show")}
        </Link>
        {can.change ? (
          <Form method="post" preventScrollReset>
            <input type="hidden" name="intent" value="retry" />
            <SubmitButton look="secondary" size="sm">
              {t("logins.need.retry")}
            </SubmitButton>
          </Form>
        ) : null}
      </div>
    </Alert>
  )
}
