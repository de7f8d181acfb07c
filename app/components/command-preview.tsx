import { Link } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Badge, type Tone } from "#app/ui/badge.tsx"
import type { IconName } from "#app/ui/icon.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { CommandPreview } from "#server/commands/preview-command.ts"

type Verdict = CommandPreview["targets"][number]["verdict"]
const VERDICTS: Record<Verdict, { tone: Tone; icon: IconName }> = {
  will_run: { tone: "ok", icon: "check" },
  offline: { tone: "idle", icon: "bad" },
  busy: { tone: "warn", icon: "clock" },
  unsupported: { tone: "idle", icon: "close" },
}
const SHOWN = 200

/** What a command would do to each machine, before it is sent: those that would not run first. */
export function PreviewTable({ targets }: { targets: CommandPreview["targets"] }) {
  const t = useT()
  const ordered = [...targets].sort(
    (a, b) => Number(a.verdict === "will_run") - Number(b.verdict === "will_run"),
  )
  return (
    <>
      <div className="relative max-h-96 overflow-y-auto">
        <Table label={t("command.whatHappens")}>
          <thead>
            <tr>
              <Th>{t("command.target")}</Th>
              <Th>{t("command.site")}</Th>
              <Th>{t("command.whatHappens")}</Th>
            </tr>
          </thead>
          <tbody>
            {ordered.slice(0, SHOWN).map((target) => (
              <Tr key={target.minerId}>
                <Td>
                  <Link to={`/miners/${target.minerId}`} className="link font-medium">
                    {target.label}
                  </Link>
                </Td>
                <Td>{target.siteName}</Td>
                <Td>
                  <Badge {...VERDICTS[target.verdict]}>{t(`command.verdict.${target.verdict}`)}</Badge>
                  {target.reason ? (
                    <span className="ml-2 text-xs text-muted">{t(`command.skip.${target.reason}`)}</span>
                  ) : target.why ? (
                    <span className="ml-2 text-xs text-warn">{target.why}</span>
                  ) : null}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </div>
      {ordered.length > SHOWN ? (
        <p className="border-t border-line px-3 py-2 text-xs text-muted">
          {t("command.shownOf", { shown: SHOWN, all: ordered.length })}
        </p>
      ) : null}
    </>
  )
}

/** Whether it starts at once, and if not, why. */
export function ApprovalNote({ preview }: { preview: Pick<CommandPreview, "approvalReasons" | "sites"> }) {
  const t = useT()
  if (preview.approvalReasons.length === 0) return <p className="text-muted">{t("command.noApproval")}</p>
  return (
    <Alert tone="warn">
      {t("command.needsApproval")}
      <ul className="list-disc pl-4">
        {preview.approvalReasons.map((reason) => (
          <li key={reason}>{t(`command.approvalReason.${reason}`)}</li>
        ))}
      </ul>
    </Alert>
  )
}
