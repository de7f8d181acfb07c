import { Link } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { CollectorHealth } from "#server/fleet/read-overview.ts"

/** The collectors with their pulse, silent ones first as they come. */
export function CollectorList({
  collectors,
  showSite,
}: {
  collectors: CollectorHealth[]
  showSite?: boolean
}) {
  const t = useT()
  return (
    <ul className="divide-y divide-line/70">
      {collectors.map((one) => (
        <li key={one.deviceId} className="px-3 py-1.5">
          <div className="flex flex-wrap items-center justify-between gap-x-3">
            <span>
              <Link to={`/collectors/${one.deviceId}`} className="link font-medium">
                {one.name}
              </Link>
              {showSite ? <span className="text-muted"> · {one.siteName}</span> : null}
            </span>
            {one.silent ? (
              <Badge tone="bad" icon="bad">
                {one.lastSeenAt ? (
                  <>
                    {t("overview.silentSince")} <Ago at={one.silentSince ?? one.lastSeenAt} />
                  </>
                ) : (
                  t("overview.neverSeen")
                )}
              </Badge>
            ) : (
              <Badge tone="ok" icon="check">
                {t("overview.lastSeen")} <Ago at={one.lastSeenAt} />
              </Badge>
            )}
          </div>
          <p className="text-xs text-muted">
            {one.minersKnown === null ? null : (
              <Link to={`/miners?collector=${one.deviceId}`} className="hover:underline">
                {t("overview.collectorMiners", { online: one.minersOnline ?? 0, known: one.minersKnown })}
              </Link>
            )}
            {one.spoolSamples ? ` · ${t("overview.spool", { samples: one.spoolSamples })}` : null}
            {one.edgeVersion ? ` · ${one.edgeVersion}` : null}
          </p>
        </li>
      ))}
    </ul>
  )
}
