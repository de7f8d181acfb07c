import { Form, Link } from "@remix-run/react"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { SubmitButton } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago, Exact } from "#app/ui/time.tsx"
import type { ScheduleRow } from "#server/discovery/list-schedules.ts"
import { ConfirmAction } from "./confirm-action.tsx"
import { ScanTargets } from "./scan-progress.tsx"

/** Scans that happen by themselves; for those who may, with ways to change them. */
export function ScheduleList({
  schedules,
  canManage,
  problem,
}: {
  schedules: ScheduleRow[]
  /** By site. */
  canManage: (siteId: number) => boolean
  problem: FormProblem | null
}) {
  const t = useT()
  return (
    <Panel title={t("discovery.schedules.title")} flush>
      {schedules.length === 0 ? (
        <p className="p-3 text-muted">{t("discovery.schedules.none")}</p>
      ) : (
        <ul className="divide-y divide-line">
          {schedules.map((schedule) => (
            <li key={schedule.id} className="space-y-1 p-3">
              <p className="flex flex-wrap items-center justify-between gap-2 font-medium">
                <ScanTargets targets={schedule.targets} />
                {schedule.enabled ? null : (
                  <Badge tone="idle" icon="close">
                    {t("discovery.schedules.off")}
                  </Badge>
                )}
              </p>
              <p className="text-xs text-muted">
                {schedule.siteName}, {schedule.deviceName} ·{" "}
                {schedule.dailyAt
                  ? t("discovery.schedules.daily", { time: schedule.dailyAt })
                  : t("discovery.schedules.everyHours", { count: schedule.everyHours ?? 0 })}
                {schedule.autoAccept ? ` · ${t("discovery.schedules.auto")}` : null}
              </p>
              <p className="text-xs text-muted">
                {schedule.enabled ? (
                  <>
                    {t("discovery.schedules.next")} <Exact at={schedule.nextAt} zone={schedule.timezone} /> ·{" "}
                  </>
                ) : null}
                {t("discovery.schedules.last")}{" "}
                {schedule.lastScan ? (
                  <Link to={`/discovery/scans/${schedule.lastScan.id}`} className="link">
                    <Ago at={schedule.lastScan.at} zone={schedule.timezone} />,{" "}
                    {t("discovery.found", { count: schedule.lastScan.found })}
                  </Link>
                ) : (
                  t("discovery.schedules.never")
                )}
              </p>
              {canManage(schedule.siteId) ? <Actions schedule={schedule} problem={problem} /> : null}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Actions({ schedule, problem }: { schedule: ScheduleRow; problem: FormProblem | null }) {
  const t = useT()
  return (
    <div className="flex flex-wrap gap-1">
      <ButtonLink to={`/discovery/new?schedule=${schedule.id}`} look="quiet" size="sm">
        {t("discovery.schedules.change")}
      </ButtonLink>
      <Form method="post" preventScrollReset>
        <input type="hidden" name="scheduleId" value={schedule.id} />
        <input type="hidden" name="enabled" value={schedule.enabled ? "no" : "yes"} />
        <SubmitButton look="quiet" size="sm" name="intent" value="set-schedule">
          {schedule.enabled ? t("discovery.schedules.turnOff") : t("discovery.schedules.turnOn")}
        </SubmitButton>
      </Form>
      <ConfirmAction
        button={t("discovery.schedules.remove")}
        look="quiet"
        size="sm"
        title={t("discovery.schedules.removeTitle")}
        fields={{ intent: "delete-schedule", scheduleId: schedule.id }}
        problem={problem}
        submit={t("discovery.schedules.remove")}
      >
        <p>{t("discovery.schedules.removeBody")}</p>
      </ConfirmAction>
    </div>
  )
}
