import { SITE_ROLES, type SiteRole } from "#server/contract/permissions.ts"
import type { FormFields } from "./form-fields.ts"

/** The roles of a form's `role:SITE` fields; sites left at "none" are left out. */
export function membershipsOf(form: FormFields): { siteId: number; role: SiteRole }[] {
  return [...form.form.keys()].flatMap((name) => {
    const siteId = /^role:([1-9]\d*)$/.exec(name)?.[1]
    const role = SITE_ROLES.find((one) => one === form.text(name))
    return siteId && role ? [{ siteId: Number(siteId), role }] : []
  })
}

/** The role everywhere, null for none. */
export function globalRoleOf(form: FormFields): "admin" | "auditor" | null {
  const role = form.text("globalRole")
  return role === "admin" || role === "auditor" ? role : null
}

/** Where a person sets the password. */
export function accountLinkUrl(baseUrl: string, token: string): string {
  return `${baseUrl}/welcome/${encodeURIComponent(token)}`
}
