import { formatCount } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Badge } from "#app/ui/badge.tsx"
import type { CommandPreview } from "#server/commands/preview-command.ts"

type Settings = {
  wavePauseS?: number
  waveFailPercent?: number
  priority?: number
  ttlMinutes?: number
}

/** How a command would run at each site: policy, waves, backup, kill switch. */
export function RunPlan({ sites, run }: { sites: CommandPreview["sites"]; run: Settings }) {
  const t = useT()
  return (
    <div className="space-y-3">
      {sites.length > 1 ? <p className="text-muted">{t("request.preview.perSite")}</p> : null}
      {sites.map((site) => (
        <section key={site.siteId} aria-label={site.siteName} className="space-y-1.5">
          {sites.length > 1 ? (
            <h3 className="font-medium">
              {site.siteName}
              <span className="ml-2 font-normal text-muted">
                {t("commands.machines", { count: site.targets })}
              </span>
            </h3>
          ) : null}
          {site.paused ? (
            <Alert tone="bad">{t("request.preview.paused", { site: site.siteName })}</Alert>
          ) : site.pausedTargets > 0 ? (
            <Alert tone="warn">{t("request.preview.pausedSome", { count: site.pausedTargets })}</Alert>
          ) : null}
          <Verdict decision={site.decision} />
          {site.decision.verdict === "refused" ? null : (
            <ul className="list-disc space-y-0.5 pl-5 text-muted">
              {site.targets > 1 ? (
                <li>
                  <Waves waves={site.waves} run={run} />
                </li>
              ) : null}
              {site.backupFirst ? <li>{t("request.preview.backupFirst")}</li> : null}
              {run.priority === undefined ? null : (
                <li>{t("request.preview.priority", { priority: run.priority })}</li>
              )}
              {run.ttlMinutes === undefined ? null : (
                <li>{t("request.preview.ttl", { minutes: run.ttlMinutes })}</li>
              )}
            </ul>
          )}
        </section>
      ))}
    </div>
  )
}

function Verdict({ decision }: { decision: CommandPreview["decision"] }) {
  const t = useT()
  if (decision.verdict === "allowed")
    return (
      <p>
        <Badge tone="ok" icon="check">
          {t("request.preview.allowed")}
        </Badge>
      </p>
    )
  if (decision.verdict === "refused")
    return <Alert tone="bad">{t("request.preview.refused", { reason: decision.message ?? "" })}</Alert>
  return (
    <Alert tone="warn">
      {t("request.preview.needsApproval", {
        reasons: decision.reasons.map((reason) => t(`command.approvalReason.${reason}`)).join("; "),
      })}
    </Alert>
  )
}

function Waves({ waves, run }: { waves: CommandPreview["sites"][number]["waves"]; run: Settings }) {
  const t = useT()
  if (!waves || waves.count <= 1) return <>{t("request.preview.atOnce")}</>
  return (
    <>
      {t("request.preview.waves", {
        count: waves.count,
        size: formatCount(waves.size),
        pause: formatCount(run.wavePauseS ?? waves.pauseS),
      })}{" "}
      {t("request.preview.halts", { percent: run.waveFailPercent ?? waves.failPercent })}
    </>
  )
}
