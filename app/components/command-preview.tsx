import { Link, useLocation, useSearchParams } from "@remix-run/react"
import { formatCount } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Badge, type Tone } from "#app/ui/badge.tsx"
import { cx } from "#app/ui/class-names.ts"
import type { IconName } from "#app/ui/icon.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { ProportionBar } from "#app/ui/proportion-bar.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { CommandPreview } from "#server/commands/preview-command.ts"
import type { PreviewGroup } from "#server/contract/commands.ts"

const GROUPS: Record<PreviewGroup, { tone: Tone; icon: IconName }> = {
  will_run: { tone: "ok", icon: "check" },
  already: { tone: "sleep", icon: "check" },
  busy: { tone: "accent", icon: "clock" },
  conflict: { tone: "bad", icon: "warning" },
  offline: { tone: "idle", icon: "bad" },
  cannot: { tone: "warn", icon: "close" },
}
const ORDER = ["will_run", "already", "busy", "conflict", "offline", "cannot"] as const

/** Targets that get the command: now, after another, or to be told that they are so already. */
export function runnableOf(groups: Record<PreviewGroup, number>): number {
  return groups.will_run + groups.already + groups.busy
}

/** How the targets divide: a bar, and a link to the machines of each group. */
export function PreviewGroups({
  preview,
  group,
}: {
  preview: Pick<CommandPreview, "groups" | "total">
  /** Whose machines are listed below; null: all. */
  group: PreviewGroup | null
}) {
  const t = useT()
  const [search] = useSearchParams()
  const { pathname } = useLocation()
  const present = ORDER.filter((name) => preview.groups[name] > 0)
  const run = runnableOf(preview.groups)
  const to = (name: PreviewGroup | null) => {
    const next = new URLSearchParams(search)
    next.delete("page")
    if (name) next.set("group", name)
    else next.delete("group")
    return `${pathname}?${next}`
  }
  return (
    <div className="space-y-2 border-b border-line px-3 py-3">
      {run === preview.total ? (
        <p className="font-medium">{t("request.preview.runsAll", { count: run })}</p>
      ) : (
        <Alert tone="warn">
          {run === 0
            ? t("request.preview.runsNone")
            : t("request.preview.runsSome", { run, all: preview.total })}
        </Alert>
      )}
      {present.length > 1 || present.some((name) => name !== "will_run" && preview.total > 1) ? (
        <>
          <ProportionBar
            label={t("request.preview.machines")}
            parts={present.map((name) => ({ tone: GROUPS[name].tone, value: preview.groups[name] }))}
          />
          <ul className="flex flex-wrap gap-1.5">
            {present.length > 1 ? (
              <li>
                <GroupLink to={to(null)} current={group === null}>
                  {t("request.preview.all")} <Count value={preview.total} />
                </GroupLink>
              </li>
            ) : null}
            {present.map((name) => (
              <li key={name}>
                <GroupLink to={to(name)} current={group === name}>
                  <Badge {...GROUPS[name]}>{t(`request.preview.group.${name}`)}</Badge>
                  <Count value={preview.groups[name]} />
                </GroupLink>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {group ? <p className="text-xs text-muted">{t(`request.preview.groupNote.${group}`)}</p> : null}
    </div>
  )
}

function GroupLink({ to, current, children }: { to: string; current: boolean; children: React.ReactNode }) {
  return (
    <Link
      to={to}
      preventScrollReset
      aria-current={current ? "true" : undefined}
      className={cx(
        "inline-flex h-8 items-center gap-1.5 rounded border px-2",
        current ? "border-accent bg-accent/10" : "border-line hover:bg-raised",
      )}
    >
      {children}
    </Link>
  )
}

function Count({ value }: { value: number }) {
  return <span className="font-semibold">{formatCount(value)}</span>
}

/** Why machines get no command, those that cannot by model and firmware. */
export function PreviewReasons({ why }: { why: CommandPreview["why"] }) {
  const t = useT()
  if (why.length === 0) return null
  return (
    <div className="border-b border-line">
      <Table label={t("request.preview.reasons")}>
        <thead>
          <tr>
            <Th>{t("request.preview.reasons")}</Th>
            <Th className="hidden sm:table-cell">{t("request.preview.model")}</Th>
            <Th numeric>{t("request.preview.count")}</Th>
          </tr>
        </thead>
        <tbody>
          {why.map((row) => (
            <Tr key={`${row.group} ${row.reason} ${row.why} ${row.model} ${row.firmware}`}>
              <Td>
                <span className="flex flex-wrap items-center gap-x-2">
                  <Badge {...GROUPS[row.group]}>{t(`request.preview.group.${row.group}`)}</Badge>
                  {row.why}
                </span>
                <span className="block text-xs text-muted sm:hidden">
                  {row.group === "cannot" ? kindOf(row) : null}
                </span>
              </Td>
              <Td className="hidden text-muted sm:table-cell">
                {row.group === "cannot" ? (kindOf(row) ?? t("request.preview.unknownModel")) : null}
              </Td>
              <Td numeric>{formatCount(row.count)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}

function kindOf(row: { model: string | null; firmware: string | null }): string | null {
  return [row.model, row.firmware].filter(Boolean).join(", ") || null
}

/** One page of targets, each with what becomes of it. */
export function PreviewTargets({ preview, total }: { preview: CommandPreviewPage; total: number }) {
  const t = useT()
  const severalSites = preview.sites.length > 1
  return (
    <>
      <Table label={t("request.preview.machines")}>
        <thead>
          <tr>
            <Th>{t("request.preview.machine")}</Th>
            <Th className="hidden md:table-cell">{t("request.preview.model")}</Th>
            {severalSites ? <Th className="hidden sm:table-cell">{t("request.preview.site")}</Th> : null}
            <Th>{t("request.preview.happens")}</Th>
          </tr>
        </thead>
        <tbody>
          {preview.targets.map((target) => (
            <Tr key={target.minerId}>
              <Td className="max-w-44">
                <Link
                  to={`/miners/${target.minerId}`}
                  title={target.label}
                  className="link block truncate font-medium"
                >
                  {target.label}
                </Link>
              </Td>
              <Td className="hidden text-xs text-muted md:table-cell">{kindOf(target)}</Td>
              {severalSites ? <Td className="hidden sm:table-cell">{target.siteName}</Td> : null}
              <Td>
                <span className="flex flex-wrap items-center gap-x-2">
                  <Badge {...GROUPS[target.group]}>{t(`request.preview.group.${target.group}`)}</Badge>
                  {target.why ? <span className="text-xs text-muted">{target.why}</span> : null}
                </span>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {total > preview.pageSize ? (
        <Pagination page={preview.page} pageSize={preview.pageSize} total={total} />
      ) : null}
    </>
  )
}

type CommandPreviewPage = Pick<CommandPreview, "targets" | "page" | "pageSize"> & {
  sites: { siteId: number }[]
}
