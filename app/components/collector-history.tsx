import { Link } from "@remix-run/react"
import { formatBytes, formatCount } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "#app/ui/class-names.ts"
import { Icon } from "#app/ui/icon.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { ReadCollector } from "#server/collectors/read-collector.ts"
import { ShortTime } from "./short-time.tsx"

/** Its last batches: when, how much, what was refused. */
export function CollectorUploads({ uploads, zone }: { uploads: ReadCollector["uploads"]; zone: string }) {
  const t = useT()
  return (
    <Panel title={t("collectors.uploads.title")} flush>
      {uploads.length === 0 ? (
        <p className="p-3 text-muted">{t("collectors.uploads.none")}</p>
      ) : (
        <Table label={t("collectors.uploads.title")} className="max-h-96 overflow-y-auto">
          <thead>
            <tr>
              <Th>{t("collectors.uploads.received")}</Th>
              <Th numeric>{t("collectors.uploads.delay")}</Th>
              <Th numeric>{t("collectors.uploads.samples")}</Th>
              <Th numeric>{t("collectors.uploads.online")}</Th>
              <Th numeric>{t("collectors.uploads.offline")}</Th>
              <Th numeric>{t("collectors.uploads.rejected")}</Th>
              <Th numeric>{t("collectors.uploads.size")}</Th>
              <Th numeric>{t("collectors.uploads.took")}</Th>
            </tr>
          </thead>
          <tbody>
            {uploads.map((upload) => (
              <Tr key={upload.batchId} title={`${t("collectors.uploads.batch")} ${upload.batchId}`}>
                <Td>
                  <Ago at={upload.receivedAt} zone={zone} />
                </Td>
                <Td numeric>
                  <ShortTime ms={Math.max(0, upload.receivedAt.getTime() - upload.collectedAt.getTime())} />
                </Td>
                <Td numeric>{formatCount(upload.minerCount)}</Td>
                <Td numeric>{formatCount(upload.online)}</Td>
                <Td numeric>{formatCount(upload.offline)}</Td>
                <Td numeric className={upload.rejected > 0 ? "font-semibold text-bad" : "text-muted"}>
                  {formatCount(upload.rejected)}
                </Td>
                <Td numeric>{formatBytes(upload.wireBytes)}</Td>
                <Td numeric>
                  <ShortTime ms={upload.processingMs} />
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

const EVENT_ICONS = {
  info: { name: "check", tone: "text-muted" },
  warning: { name: "warning", tone: "text-warn" },
  critical: { name: "bad", tone: "text-bad" },
} as const

/** What happened to it, newest first. */
export function CollectorEvents({ events, zone }: { events: ReadCollector["events"]; zone: string }) {
  const t = useT()
  return (
    <Panel title={t("collectors.events.title")} flush>
      {events.length === 0 ? (
        <p className="p-3 text-muted">{t("collectors.events.none")}</p>
      ) : (
        <ul className="relative max-h-80 divide-y divide-line/70 overflow-y-auto">
          {events.map((event) => {
            const icon = EVENT_ICONS[event.severity]
            return (
              <li key={event.id} className="flex items-start gap-2 px-3 py-1.5">
                <Icon name={icon.name} className={cx("mt-0.5", icon.tone)} />
                <span className="sr-only">{t(`miners.severity.${event.severity}`)}</span>
                <span className="min-w-0 flex-1 break-words">
                  {event.minerId ? (
                    <>
                      <Link to={`/miners/${event.minerId}`} className="link font-medium">
                        {event.minerName}
                      </Link>{" "}
                    </>
                  ) : null}
                  {event.message}
                </span>
                <span className="text-xs text-muted">
                  <Ago at={event.at} zone={zone} />
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}

/** Its keys by their first letters; never more of them. */
export function CollectorKeys({ keys, zone }: { keys: ReadCollector["keys"]; zone: string }) {
  const t = useT()
  return (
    <Table label={t("collectors.keys.title")}>
      <thead>
        <tr>
          <Th>{t("collectors.keys.prefix")}</Th>
          <Th>{t("collectors.keys.made")}</Th>
          <Th>{t("collectors.keys.used")}</Th>
          <Th>{t("collectors.keys.ended")}</Th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Tr key={key.id} className={key.revokedAt ? "text-muted" : undefined}>
            <Td className="font-mono text-xs">{key.prefix}…</Td>
            <Td>
              <Ago at={key.createdAt} zone={zone} />
            </Td>
            <Td>{key.lastUsedAt ? <Ago at={key.lastUsedAt} zone={zone} /> : t("collectors.keys.never")}</Td>
            <Td>
              {key.revokedAt ? (
                <>
                  <Ago at={key.revokedAt} zone={zone} />{" "}
                  {key.revokedByName ? t("collectors.keys.by", { name: key.revokedByName }) : null}
                </>
              ) : (
                t("collectors.keys.valid")
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
