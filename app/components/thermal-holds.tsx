import { Link } from "@remix-run/react"
import { formatExact, formatTemp } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Tag } from "#app/ui/badge.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { ThermalHoldRow } from "#server/thermal/list-thermal.ts"

/** Machines that the guard holds, the longest first. */
export function ThermalHoldList({ holds, zone }: { holds: ThermalHoldRow[]; zone: string }) {
  const t = useT()
  return (
    <ul className="divide-y divide-line/70">
      {holds.map((hold) => (
        <li key={hold.minerId} className="flex flex-wrap items-center gap-x-2 gap-y-1 px-3 py-2">
          <Link to={`/miners/${hold.minerId}`} className="link font-medium">
            {hold.name}
          </Link>
          {hold.actions.map((action) => (
            <Tag key={action}>{t(`thermal.action.${action}`)}</Tag>
          ))}
          <span className="ml-auto text-xs text-muted">
            {hold.temperatureC === null ? null : (
              <>{t("thermal.holds.at", { temperature: formatTemp(hold.temperatureC) })} · </>
            )}
            <Ago at={hold.since} zone={zone} />
          </span>
          {hold.unsure ? <span className="w-full text-xs text-warn">{t("thermal.holds.unsure")}</span> : null}
        </li>
      ))}
    </ul>
  )
}

/** That a machine is held, since when, at what temperature, and what that means for commands. */
export function ThermalHoldNote({ hold, zone }: { hold: ThermalHoldRow; zone: string }) {
  const t = useT()
  const since = formatExact(hold.since, zone, false)
  const actions = hold.actions.map((action) => t(`thermal.action.${action}`)).join(", ")
  return (
    <Alert tone="warn">
      <span className="font-semibold">
        {hold.temperatureC === null
          ? t("thermal.holds.note", { since })
          : t("thermal.holds.noteAt", {
              since,
              temperature: formatTemp(hold.temperatureC),
              limit: formatTemp(hold.thresholdC),
            })}
      </span>{" "}
      {actions === "" ? null : t("thermal.holds.did", { actions })} {t("thermal.holds.body")}
      {hold.unsure ? <span className="block">{t("thermal.holds.unsure")}</span> : null}
    </Alert>
  )
}
