import { Link } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { ScanRow } from "#server/discovery/list-scans.ts"
import { ScanProgress, ScanState, ScanTargets } from "./scan-progress.tsx"

/** The last scans: where, by whom, and how far each is. */
export function ScanList({ scans, total }: { scans: ScanRow[]; total: number }) {
  const t = useT()
  return (
    <Panel
      title={t("discovery.scans")}
      aside={total > scans.length ? t("discovery.allScans", { count: total }) : null}
      flush
    >
      {scans.length === 0 ? (
        <p className="p-3 text-muted">{t("discovery.scansNone")}</p>
      ) : (
        <ul className="divide-y divide-line">
          {scans.map((scan) => (
            <li key={scan.id} className="space-y-1.5 p-3">
              <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
                <Link to={`/discovery/scans/${scan.id}`} className="link min-w-0 font-medium">
                  <ScanTargets targets={scan.targets} />
                </Link>
                <ScanState state={scan.state} />
              </div>
              <ScanProgress scan={scan} />
              <p className="text-xs text-muted">
                {scan.siteName}, {scan.deviceName} · <Ago at={scan.requestedAt} zone={scan.timezone} />{" "}
                {scan.requesterName
                  ? t("discovery.by", { name: scan.requesterName })
                  : t("discovery.bySchedule")}
              </p>
              {scan.error ? <p className="text-xs font-medium text-bad">{scan.error}</p> : null}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
