import { Link } from "@remix-run/react"
import { formatTemp } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge, type Tone } from "#app/ui/badge.tsx"
import type { IconName } from "#app/ui/icon.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { ThermalEventKind } from "#server/contract/thermal.ts"
import type { ThermalEventRow } from "#server/thermal/list-thermal.ts"

const LOOKS: Record<ThermalEventKind, { tone: Tone; icon: IconName }> = {
  warning: { tone: "warn", icon: "warning" },
  unreadable: { tone: "warn", icon: "unknown" },
  held: { tone: "bad", icon: "hot" },
  action: { tone: "bad", icon: "hot" },
  skipped: { tone: "idle", icon: "warning" },
  failed: { tone: "bad", icon: "bad" },
  resumed: { tone: "accent", icon: "check" },
  released: { tone: "accent", icon: "check" },
  cleared: { tone: "ok", icon: "check" },
  guard_silent: { tone: "bad", icon: "bad" },
  unguarded: { tone: "warn", icon: "hot" },
}

/** What the guard saw and did, newest first. `named`: each with its machine. */
export function ThermalEventList({
  events,
  zone,
  named = true,
}: {
  events: ThermalEventRow[]
  zone: string
  named?: boolean
}) {
  const t = useT()
  return (
    <ul className="divide-y divide-line/70">
      {events.map((event) => {
        const { tone, icon } = LOOKS[event.kind]
        return (
          <li key={event.eventId} className="px-3 py-2">
            <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <Badge tone={tone} icon={icon}>
                {t(`thermal.kind.${event.kind}`)}
              </Badge>
              {named ? <Subject event={event} /> : null}
              {event.temperatureC === null ? null : (
                <span className="tabular-nums">{formatTemp(event.temperatureC)}</span>
              )}
              <span className="ml-auto text-xs text-muted">
                <Ago at={event.at} zone={zone} />
              </span>
            </div>
            <p className="mt-0.5 break-words text-muted">{event.message}</p>
          </li>
        )
      })}
    </ul>
  )
}

function Subject({ event: { miner } }: { event: ThermalEventRow }) {
  const t = useT()
  if (miner === null) return <span className="font-medium">{t("thermal.events.site")}</span>
  if (miner.id === null) return <span className="font-medium">{miner.name}</span>
  return (
    <Link to={`/miners/${miner.id}`} className="link font-medium">
      {miner.name}
    </Link>
  )
}
