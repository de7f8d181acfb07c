import { formatExact } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import type { UserRow } from "#server/people/list-users.ts"

/** Whether a person can log in, or waits for it. */
export function PersonState({
  person,
}: {
  person: Pick<UserRow, "disabled" | "hasPassword" | "linkExpiresAt">
}) {
  const t = useT()
  if (person.disabled)
    return (
      <Badge tone="idle" icon="close">
        {t("people.disabled")}
      </Badge>
    )
  if (person.hasPassword)
    return (
      <Badge tone="ok" icon="check">
        {t("people.active")}
      </Badge>
    )
  return person.linkExpiresAt ? (
    <Badge
      tone="accent"
      icon="clock"
      title={t("people.invitedUntil", { time: formatExact(new Date(person.linkExpiresAt), "UTC") })}
    >
      {t("people.invited")}
    </Badge>
  ) : (
    <Badge tone="warn" icon="warning">
      {t("people.linkExpired")}
    </Badge>
  )
}

/** What a person may do, in a line: the role everywhere, or one at each site. */
export function PersonRoles({ person }: { person: Pick<UserRow, "account" | "globalRole" | "memberships"> }) {
  const t = useT()
  if (person.account === "client") return <>{t("people.account.client")}</>
  const parts = person.memberships.map(
    ({ siteName, role }) => `${t(`account.siteRole.${role}`)}, ${siteName}`,
  )
  if (person.globalRole) parts.unshift(t(`account.role.${person.globalRole}`))
  if (parts.length === 0) return <span className="text-muted">{t("people.noRole")}</span>
  return (
    <ul>
      {parts.map((part) => (
        <li key={part}>{part}</li>
      ))}
    </ul>
  )
}
