import { Form, Link } from "@remix-run/react"
import { familyName } from "#app/lib/family-name.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { SubmitButton } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { MinerLogin } from "#server/credentials/list-credentials.ts"

type Of = { login: MinerLogin; miner: { id: number; siteSlug: string }; zone: string }

/** That the machine refuses its login, and what to do about it; nothing while it does not. */
export function LoginRefused({ login, miner, zone }: Of) {
  const t = useT()
  const { refusal, can } = login
  if (!refusal) return null
  return (
    <Alert tone="warn">
      <p>
        {refusal.username
          ? t("logins.miner.refusesUser", { username: refusal.username })
          : t("logins.miner.refuses")}{" "}
        {t("logins.miner.since")} <Ago at={refusal.since} zone={zone} />.{" "}
        {can.change ? t("logins.miner.todo") : t("logins.miner.todoLook")}
      </p>
      {can.change ? (
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <ButtonLink to={formPath(miner)} look="primary" size="sm">
            {t("logins.miner.give")}
          </ButtonLink>
          <Form method="post" action={`/sites/${miner.siteSlug}/logins`} preventScrollReset>
            <input type="hidden" name="intent" value="retry" />
            <input type="hidden" name="minerId" value={miner.id} />
            <input type="hidden" name="back" value={`/miners/${miner.id}`} />
            <SubmitButton look="secondary" size="sm">
              {t("logins.miner.retry")}
            </SubmitButton>
          </Form>
          {refusal.retryAt ? (
            <span className="text-xs text-muted">
              {t("logins.miner.asked")} <Ago at={refusal.retryAt} zone={zone} />
            </span>
          ) : null}
        </div>
      ) : null}
    </Alert>
  )
}

/** Which login its collector uses, by name only. */
export function MinerLoginPanel({ login, miner }: Omit<Of, "zone">) {
  const t = useT()
  const { own, site, families } = login
  const user = (username: string) => username || t("logins.noUser")
  return (
    <Panel
      title={t("logins.miner.title")}
      aside={
        <Link to={`/sites/${miner.siteSlug}/logins`} className="link">
          {t("logins.miner.change")}
        </Link>
      }
    >
      <p className="text-muted">{t("logins.miner.uses")}</p>
      <ul className="list-disc pl-4">
        {own ? <li>{t("logins.miner.own", { username: user(own.username) })}</li> : null}
        {own
          ? null
          : families.map((row) => (
              <li key={row.id}>
                {t("logins.miner.family", {
                  family: familyName(row.family ?? ""),
                  username: user(row.username),
                })}
              </li>
            ))}
        {!own && site ? <li>{t("logins.miner.site", { username: user(site.username) })}</li> : null}
        {own || site || families.length > 0 ? null : <li>{t("logins.miner.factory")}</li>}
      </ul>
      {login.can.change && !login.refusal ? (
        <p className="mt-2">
          <Link to={formPath(miner)} className="link">
            {t("logins.miner.give")}
          </Link>
        </p>
      ) : null}
    </Panel>
  )
}

function formPath({ id, siteSlug }: Of["miner"]): string {
  return `/sites/${siteSlug}/logins?for=miner:${id}#give`
}
