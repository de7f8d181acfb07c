import { useRevalidator } from "@remix-run/react"
import { useEffect } from "react"
import { formatHashrate, formatShare } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "#app/ui/class-names.ts"
import { Icon, type IconName } from "#app/ui/icon.tsx"
import { Ago, Exact } from "#app/ui/time.tsx"
import type { SiteState, StatusPage } from "#server/status/read-status-page.ts"
import { UptimeBars, uptimeTone } from "./uptime-bars.tsx"
import { Wordmark } from "./wordmark.tsx"

const STATES: Record<SiteState, { icon: IconName; look: string }> = {
  operational: { icon: "check", look: "border-ok/40 bg-ok/10 [&>svg]:text-ok" },
  degraded: { icon: "warning", look: "border-warn/40 bg-warn/10 [&>svg]:text-warn" },
  down: { icon: "bad", look: "border-bad/40 bg-bad/10 [&>svg]:text-bad" },
}
const LEGEND = { ok: "bg-ok", warn: "bg-warn", bad: "bg-bad" } as const
const REFRESH_S = 60

/** How a site is, for everybody: no frame, no login, readable without JavaScript. */
export function PublicStatus({ page }: { page: StatusPage }) {
  const t = useT()
  useRefresh()
  const { icon, look } = STATES[page.state]
  return (
    <PublicFrame>
      <noscript>
        <meta httpEquiv="refresh" content={String(REFRESH_S)} />
      </noscript>
      <h1 className="text-2xl font-semibold leading-9">{page.name}</h1>
      <div className={cx("mt-4 flex items-start gap-3 rounded-lg border px-4 py-3", look)}>
        <Icon name={icon} className="mt-0.5 h-6 w-6" />
        <div>
          <p className="text-lg font-semibold">{t(`status.state.${page.state}`)}</p>
          <p className="text-muted">{t(`status.meaning.${page.state}`)}</p>
        </div>
      </div>
      {page.shareOnline === null && page.hashrateGhs === null ? null : (
        <dl className="mt-4 grid grid-cols-2 gap-3">
          {page.shareOnline === null ? null : (
            <Figure term={t("status.shareOnline")} value={formatShare(page.shareOnline)} />
          )}
          {page.hashrateGhs === null ? null : (
            <Figure term={t("status.hashrate")} value={formatHashrate(page.hashrateGhs)} />
          )}
        </dl>
      )}
      <Uptime days={page.uptimeDays} />
      <p className="mt-4 text-xs text-muted">
        {page.lastUpdateAt ? (
          <>
            {t("status.lastUpdate")}: <Exact at={page.lastUpdateAt} zone={page.timezone} /> (
            <Ago at={page.lastUpdateAt} zone={page.timezone} />)
          </>
        ) : (
          t("status.never")
        )}
        <br />
        {t("status.refreshes")}
      </p>
    </PublicFrame>
  )
}

/** The layout of pages for the world. */
export function PublicFrame({ children }: { children: React.ReactNode }) {
  return (
    <div className="mx-auto flex min-h-screen w-full max-w-3xl flex-col px-4 py-6">
      <main id="content" className="flex-1">
        {children}
      </main>
      <footer className="mt-10 border-t border-line pt-3 text-xs text-muted">
        <Wordmark />
      </footer>
    </div>
  )
}

function Figure({ term, value }: { term: string; value: string }) {
  return (
    <div className="rounded-lg border border-line bg-surface px-4 py-3">
      <dt className="text-xs text-muted">{term}</dt>
      <dd className="mt-0.5 text-2xl font-semibold leading-8 tracking-tight">{value}</dd>
    </div>
  )
}

function Uptime({ days }: { days: StatusPage["uptimeDays"] }) {
  const t = useT()
  const measured = days.flatMap((day) => (day.share === null ? [] : [day.share]))
  const average = measured.reduce((sum, share) => sum + share, 0) / measured.length
  const summary =
    measured.length > 0
      ? t("status.average", { share: formatShare(average, 2), count: measured.length })
      : t("status.noUptime")
  return (
    <section className="mt-4 rounded-lg border border-line bg-surface px-4 py-3" aria-labelledby="uptime">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 id="uptime" className="font-semibold">
          {t("status.uptime", { days: days.length })}
        </h2>
        <p className="text-xs text-muted">{summary}</p>
      </div>
      <UptimeBars days={days} summary={summary} />
      <div className="mt-1 flex justify-between text-xs text-muted">
        <span>{t("status.daysAgo", { days: days.length - 1 })}</span>
        <span>{t("status.today")}</span>
      </div>
      <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {(["ok", "warn", "bad"] as const).map((tone) => (
          <li key={tone} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className={cx("h-2.5 w-2.5 rounded-sm", LEGEND[tone])} />
            {t(`status.legend.${tone}`)}
          </li>
        ))}
        <li className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="h-1 w-2.5 bg-idle/40" />
          {t("status.notMeasured")}
        </li>
      </ul>
      {measured.length > 0 ? (
        <details className="mt-2 text-xs">
          <summary className="inline-block cursor-pointer text-muted hover:text-ink hover:underline">
            {t("status.dayByDay")}
          </summary>
          <table className="mt-1 border-collapse">
            <thead>
              <tr>
                <th scope="col" className="pr-6 text-left font-medium text-muted">
                  {t("status.day")}
                </th>
                <th scope="col" className="text-right font-medium text-muted">
                  {t("status.share")}
                </th>
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map(({ day, share }) =>
                share === null ? null : (
                  <tr key={day}>
                    <td className="pr-6">{day}</td>
                    <td className={cx("text-right", uptimeTone(share) === "bad" && "font-semibold")}>
                      {formatShare(share, 2)}
                    </td>
                  </tr>
                ),
              )}
            </tbody>
          </table>
        </details>
      ) : null}
    </section>
  )
}

/** With JavaScript the page reads again by itself while somebody looks; without, the browser reloads it. */
function useRefresh(): void {
  const { revalidate } = useRevalidator()
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") revalidate()
    }, REFRESH_S * 1000)
    return () => clearInterval(timer)
  }, [revalidate])
}
