import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { SelectField } from "#app/ui/field.tsx"
import { errorAt } from "#app/ui/form.tsx"
import { SITE_ROLES, type SiteRole } from "#server/contract/permissions.ts"

export type RoleSite = { id: number; name: string }

/** A role at each site, or none: fields `role:SITE`. */
export function SiteRoleFields({
  sites,
  roles,
  problem,
}: {
  sites: RoleSite[]
  roles: { siteId: number; role: SiteRole }[]
  problem: FormProblem | null
}) {
  const t = useT()
  const refused = errorAt(problem, "memberships")
  if (sites.length === 0) return <p className="text-muted">{t("people.form.noSites")}</p>
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">{t("people.form.rolesTitle")}</legend>
      <div className="grid gap-3 md:grid-cols-2">
        {sites.map((site) => (
          <SelectField
            key={site.id}
            label={site.name}
            name={`role:${site.id}`}
            defaultValue={
              problem?.values[`role:${site.id}`] ?? roles.find((one) => one.siteId === site.id)?.role ?? ""
            }
          >
            <option value="">{t("people.form.none")}</option>
            {SITE_ROLES.map((role) => (
              <option key={role} value={role}>
                {t(`account.siteRole.${role}`)}
              </option>
            ))}
          </SelectField>
        ))}
      </div>
      {refused ? <p className="mt-2 text-xs font-medium text-bad">{refused}</p> : null}
      <p className="mt-2 max-w-prose text-xs text-muted">{t("people.form.rolesHint")}</p>
    </fieldset>
  )
}

/** A role that holds at every site; for administrators to give. */
export function GlobalRoleField({
  current,
  problem,
}: {
  current: "admin" | "auditor" | null
  problem: FormProblem | null
}) {
  const t = useT()
  return (
    <SelectField
      label={t("people.form.globalRole")}
      hint={t("people.form.globalRoleHint")}
      name="globalRole"
      defaultValue={problem?.values.globalRole ?? current ?? ""}
      error={errorAt(problem, "globalRole")}
    >
      <option value="">{t("people.form.none")}</option>
      <option value="admin">{t("account.role.admin")}</option>
      <option value="auditor">{t("account.role.auditor")}</option>
    </SelectField>
  )
}
