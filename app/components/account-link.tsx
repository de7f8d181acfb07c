import { formatExact } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Panel } from "#app/ui/panel.tsx"
import { CopyLine } from "./copy-button.tsx"

export type MadeLink = {
  ok: true
  url: string
  expiresAt: Date
  userId: number
  name: string
  isClient: boolean
}

/** A one-time link, shown this once. */
export function AccountLinkPanel({ made, children }: { made: MadeLink; children?: React.ReactNode }) {
  const t = useT()
  return (
    <Panel title={t("people.link.title", { name: made.name })}>
      <div className="space-y-3">
        <CopyLine text={made.url} label={t("people.link.label")} />
        <p className="text-muted">
          {t("people.link.once", { time: formatExact(new Date(made.expiresAt), "UTC", false) })}
        </p>
        {children ? <div className="flex flex-wrap gap-2">{children}</div> : null}
      </div>
    </Panel>
  )
}
