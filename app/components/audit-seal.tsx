import { CopyButton } from "#app/components/copy-button.tsx"
import { formatCount } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { AuditSeal as Seal } from "#server/audit/read-audit-seal.ts"

/** The newest link of the chain, to be kept elsewhere. */
export function AuditSeal({ seal }: { seal: Seal }) {
  const t = useT()
  return (
    <Panel title={t("audit.newest")} className="mt-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span>{formatCount(seal.place)}</span>
        <code className="select-all break-all font-mono text-xs">{seal.hash}</code>
        <CopyButton text={seal.hash} />
        <span className="text-xs text-muted">
          <Ago at={seal.sealedAt} zone="UTC" />
        </span>
      </div>
      <p className="mt-1 text-xs text-muted">{t("audit.keep")}</p>
    </Panel>
  )
}
