import { Link } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "#app/ui/class-names.ts"
import { Icon } from "#app/ui/icon.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { FleetEvent } from "#server/fleet/list-events.ts"

const LOOKS = {
  info: { icon: "check", tone: "text-muted" },
  warning: { icon: "warning", tone: "text-warn" },
  critical: { icon: "bad", tone: "text-bad" },
} as const

type Shown = Pick<
  FleetEvent,
  "id" | "kind" | "severity" | "message" | "at" | "miner" | "device" | "siteName" | "siteSlug"
>

/** What happened, newest first, each with the machine or collector it happened to. */
export function EventList({
  events,
  zone,
  showSite,
}: {
  events: Shown[]
  zone?: string
  showSite?: boolean
}) {
  const t = useT()
  return (
    <ul className="divide-y divide-line/70">
      {events.map((event) => {
        const look =
          event.kind === "miner_online" || event.kind === "collector_back"
            ? LOOKS.info
            : LOOKS[event.severity]
        return (
          <li key={event.id} className="flex items-start gap-2 px-3 py-1.5">
            <Icon name={look.icon} className={cx("mt-0.5", look.tone)} />
            <span className="sr-only">{t(`miners.severity.${event.severity}`)}</span>
            <span className="min-w-0 flex-1 break-words">
              {event.miner ? (
                <>
                  <Link to={`/miners/${event.miner.id}`} className="link font-medium">
                    {event.miner.name}
                  </Link>{" "}
                  {event.message}
                </>
              ) : event.device ? (
                <Link to={`/collectors/${event.device.id}`} className="link">
                  {event.message}
                </Link>
              ) : event.kind === "command_digest" ? (
                <Link to={`/commands?site=${event.siteSlug}&status=unsuccessful&last=day`} className="link">
                  {event.message}
                </Link>
              ) : (
                event.message
              )}
              {showSite ? <span className="text-muted"> · {event.siteName}</span> : null}
            </span>
            <span className="text-xs text-muted">
              <Ago at={event.at} zone={zone} />
            </span>
          </li>
        )
      })}
    </ul>
  )
}
