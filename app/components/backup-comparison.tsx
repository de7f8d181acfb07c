import { Link } from "@remix-run/react"
import type { ReactNode } from "react"
import { formatExact, UNKNOWN } from "#app/lib/format.ts"
import { settingName, settingValue } from "#app/lib/setting-name.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { BackupComparison } from "#server/backups/compare-backups.ts"

type Difference = BackupComparison["differences"][number]

/** Two backups side by side, as far as they differ. */
export function Comparison({ comparison }: { comparison: BackupComparison }) {
  const t = useT()
  const { differences, passwords, right } = comparison
  const named = differences.filter((one) => settingName(t, one.path) !== null)
  const vendors = differences.filter((one) => settingName(t, one.path) === null)
  const other = (
    <Link to={`/backups/${right.id}`} className="link font-normal">
      {right.minerId === comparison.left.minerId ? right.name : `${right.minerName}: ${right.name}`}
      {", "}
      {formatExact(new Date(right.createdAt), right.timezone, false)}
    </Link>
  )
  return (
    <>
      {passwords === "none" ? null : (
        <p className="px-3 pt-3 text-xs text-muted">
          {passwords === "unknown"
            ? t("backups.compare.passwordsUnknown")
            : t("backups.compare.passwordsDiffer")}
        </p>
      )}
      {differences.length === 0 ? (
        <div className="space-y-2 p-3">
          <p>{other}</p>
          <Alert tone="ok">{t("backups.compare.equal")}</Alert>
        </div>
      ) : null}
      {named.length > 0 ? <DifferenceTable rows={named} other={other} /> : null}
      {vendors.length > 0 ? (
        <details open={named.length === 0 || undefined} className="border-t border-line">
          <summary className="cursor-pointer px-3 py-2 font-medium text-accent hover:underline">
            {t("backups.compare.vendor", { count: vendors.length })}
          </summary>
          <DifferenceTable rows={vendors} other={other} />
        </details>
      ) : null}
    </>
  )
}

function DifferenceTable({ rows, other }: { rows: Difference[]; other: ReactNode }) {
  const t = useT()
  const told = (path: string, value: string | null) =>
    value === null ? <span className="text-muted">{UNKNOWN}</span> : settingValue(t, path, value)
  return (
    <Table label={t("backups.compare.title")}>
      <thead>
        <tr>
          <Th>{t("backups.compare.setting")}</Th>
          <Th>{t("backups.compare.this")}</Th>
          <Th>{other}</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ path, left, right }) => (
          <Tr key={path}>
            <Td className="whitespace-nowrap">
              {settingName(t, path) ?? <code className="text-xs">{path.replace(/^raw\./, "")}</code>}
            </Td>
            <Td className="min-w-40 break-all font-mono text-xs">{told(path, left)}</Td>
            <Td className="min-w-40 break-all font-mono text-xs">{told(path, right)}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
