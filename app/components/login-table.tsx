import { Link } from "@remix-run/react"
import { familyName } from "#app/lib/family-name.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { Credential } from "#server/credentials/list-credentials.ts"
import { ConfirmAction } from "./confirm-action.tsx"

/** Logins without their passwords: whose, since when, and which collectors have them. */
export function LoginTable({
  label,
  rows,
  zone,
  canChange,
  problem,
}: {
  label: string
  rows: Credential[]
  zone: string
  canChange: boolean
  problem: FormProblem | null
}) {
  const t = useT()
  return (
    <Table label={label}>
      <thead>
        <tr>
          <Th>{t("logins.column.whose")}</Th>
          <Th>{t("logins.column.username")}</Th>
          <Th className="hidden md:table-cell">{t("logins.column.set")}</Th>
          <Th>{t("logins.column.collectors")}</Th>
          {canChange ? (
            <Th>
              <span className="sr-only">{t("logins.column.actions")}</span>
            </Th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id}>
            <Td>
              <Whose row={row} />
            </Td>
            <Td className="whitespace-nowrap font-mono text-xs">{row.username || t("logins.noUser")}</Td>
            <Td className="hidden md:table-cell">
              <Ago at={row.setAt} zone={zone} /> <By row={row} />
            </Td>
            <Td>
              <Holders row={row} />
            </Td>
            {canChange ? (
              <Td>
                <Actions row={row} problem={problem} />
              </Td>
            ) : null}
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function Whose({ row }: { row: Credential }) {
  const t = useT()
  if (row.scope === "miner")
    return (
      <Link to={`/miners/${row.minerId}`} className="link">
        {row.minerName}
      </Link>
    )
  return (
    <>
      {row.scope === "site"
        ? t("logins.ofSite")
        : t("logins.ofFamily", { family: familyName(row.family ?? "") })}
    </>
  )
}

function By({ row }: { row: Credential }) {
  const t = useT()
  if (row.commandId)
    return (
      <Link to={`/commands/${row.commandId}`} className="link">
        {t("logins.byCommand")}
      </Link>
    )
  return row.setByName ? (
    <span className="text-muted">{t("logins.byPerson", { name: row.setByName })}</span>
  ) : null
}

function Holders({ row }: { row: Credential }) {
  const t = useT()
  const { heldBy, missingAt } = row
  if (missingAt.length > 0)
    return (
      <Badge tone="warn" icon="warning" title={t("logins.giveAgainHint")}>
        {t("logins.giveAgain", { names: missingAt.map(({ name }) => name).join(", ") })}
      </Badge>
    )
  return heldBy.length > 0 ? (
    <Badge tone="ok" icon="check">
      {t("logins.heldByAll", { count: heldBy.length })}
    </Badge>
  ) : (
    <Badge tone="warn" icon="warning">
      {t("logins.noCollector")}
    </Badge>
  )
}

function Actions({ row, problem }: { row: Credential; problem: FormProblem | null }) {
  const t = useT()
  const whose =
    row.scope === "miner"
      ? (row.minerName ?? "")
      : row.scope === "site"
        ? t("logins.ofSite")
        : t("logins.ofFamily", { family: familyName(row.family ?? "") })
  return (
    <div className="flex justify-end gap-1">
      <ButtonLink
        to={`?for=${subjectText(row)}&user=${encodeURIComponent(row.username)}#give`}
        look="quiet"
        size="sm"
      >
        {t("logins.replace")}
      </ButtonLink>
      <ConfirmAction
        button={t("logins.remove")}
        look="quiet"
        size="sm"
        title={t("logins.removeTitle", { whose })}
        fields={{ intent: "remove", id: row.id }}
        problem={problem}
        submit={t("logins.remove")}
      >
        <p>{t("logins.removeBody")}</p>
      </ConfirmAction>
    </div>
  )
}

/** Whose login as one word of a form or an address: `site`, `family:F`, `miner:N`. */
export function subjectText({
  scope,
  family,
  minerId,
}: Pick<Credential, "scope" | "family" | "minerId">): string {
  return scope === "site" ? "site" : `${scope}:${scope === "family" ? family : minerId}`
}
