import { Link } from "@remix-run/react"
import {
  formatDuration,
  formatHashrate,
  formatPower,
  formatShare,
  formatTemp,
  type HashrateUnit,
  UNKNOWN,
} from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "#app/ui/class-names.ts"
import { SortTh, Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { MinerRow } from "#server/fleet/list-miners.ts"
import { MinerStatus } from "./miner-status.tsx"
import type { Selection } from "./use-selection.ts"

/** The form that the ticks of the rows belong to, on pages that have one. */
export const SELECTION_FORM = "miner-selection"

/** Machines row by row. With `selection` each row can be chosen; with `order` the columns sort through the address. */
export function MinerTable({
  rows,
  order,
  selection,
  showSite,
  zones,
}: {
  rows: MinerRow[]
  order?: { sort: string; dir: "asc" | "desc" }
  selection?: Selection
  showSite?: boolean
  /** Zone by site id. */
  zones: Record<number, string>
}) {
  const t = useT()
  const unit = columnUnit(rows)
  // Room for one of the two on a common screen.
  const ownerFrom = showSite ? "hidden 2xl:table-cell" : "hidden xl:table-cell"
  return (
    <Table label={t("miners.title")}>
      <thead>
        <tr>
          {selection ? (
            <Th className="w-8 pr-0">
              <PageCheckbox selection={selection} />
            </Th>
          ) : null}
          <Column name="name" order={order} />
          <Th className="hidden md:table-cell">{t("miners.column.address")}</Th>
          <Column name="status" order={order} className="hidden sm:table-cell" />
          <Column name="hashrate" order={order} numeric />
          <Column name="share" order={order} numeric className="hidden md:table-cell" />
          <Column name="temp" order={order} numeric />
          <Column name="power" order={order} numeric className="hidden sm:table-cell" />
          <Column name="efficiency" order={order} numeric className="hidden lg:table-cell" />
          <Th numeric className="hidden md:table-cell">
            {t("miners.column.boards")}
          </Th>
          <Column name="uptime" order={order} numeric className="hidden 2xl:table-cell" />
          <Column name="place" order={order} className="hidden md:table-cell" />
          <Column name="model" order={order} className="hidden lg:table-cell" />
          <Column name="owner" order={order} className={ownerFrom} />
          {showSite ? <Column name="site" order={order} className="hidden xl:table-cell" /> : null}
          <Column name="lastSeen" order={order} className="hidden 2xl:table-cell" />
        </tr>
      </thead>
      <tbody>
        {rows.map((miner) => (
          <Tr key={miner.id} selected={selection?.has(miner.id)}>
            {selection ? (
              <Td className="pr-0">
                <input
                  type="checkbox"
                  form={SELECTION_FORM}
                  name="ids"
                  value={miner.id}
                  checked={selection.has(miner.id)}
                  onChange={() => selection.toggle(miner.id)}
                  aria-label={t("miners.selectOne", { name: miner.name })}
                  className="block h-4 w-4 accent-accent"
                />
              </Td>
            ) : null}
            <Td className="max-w-44">
              <Link to={`/miners/${miner.id}`} title={miner.name} className="link block truncate font-medium">
                {miner.name}
              </Link>
              <span className="block sm:hidden">
                <MinerStatus miner={miner} brief />
              </span>
            </Td>
            <Td className="hidden text-xs text-muted md:table-cell">{miner.ipAddress ?? UNKNOWN}</Td>
            <Td className="hidden whitespace-nowrap sm:table-cell">
              <MinerStatus miner={miner} brief />
              {miner.status === "offline" && miner.offlineSince ? (
                <span className="ml-1.5 hidden text-2xs text-muted md:inline">
                  <Ago at={miner.offlineSince} zone={zones[miner.siteId]} />
                </span>
              ) : null}
            </Td>
            <Td numeric>{formatHashrate(miner.hashrateGhs, miner.hashrateGhs ? unit : undefined)}</Td>
            <Td
              numeric
              className={cx(
                "hidden md:table-cell",
                miner.shareOfExpected !== null && miner.shareOfExpected < 0.8 && "text-warn",
              )}
            >
              {formatShare(miner.shareOfExpected)}
            </Td>
            <Td numeric className={cx(miner.hot && "font-semibold text-bad")}>
              {formatTemp(miner.tempMaxC)}
            </Td>
            <Td
              numeric
              className="hidden sm:table-cell"
              title={miner.powerEstimated ? t("miners.estimated") : undefined}
            >
              {miner.powerEstimated ? "≈ " : null}
              {formatPower(miner.powerW)}
            </Td>
            <Td numeric className="hidden lg:table-cell">
              {miner.efficiencyJTh === null ? UNKNOWN : miner.efficiencyJTh.toFixed(1)}
            </Td>
            <Td
              numeric
              className={cx(
                "hidden md:table-cell",
                miner.boardsHealthy !== null &&
                  miner.boardsTotal !== null &&
                  miner.boardsHealthy < miner.boardsTotal &&
                  "font-semibold text-warn",
              )}
            >
              {miner.boardsTotal === null
                ? UNKNOWN
                : t("miners.boardsOf", { healthy: miner.boardsHealthy ?? UNKNOWN, total: miner.boardsTotal })}
            </Td>
            <Td numeric className="hidden 2xl:table-cell">
              {formatDuration(miner.uptimeS === null ? null : miner.uptimeS * 1000)}
            </Td>
            <Td className="hidden max-w-44 truncate md:table-cell">{miner.place ?? UNKNOWN}</Td>
            <Td className="hidden max-w-52 truncate lg:table-cell">{makeAndModel(miner)}</Td>
            <Td className={cx("max-w-40 truncate", ownerFrom)}>{miner.owner?.name ?? UNKNOWN}</Td>
            {showSite ? (
              <Td className="hidden max-w-32 truncate xl:table-cell">
                <Link to={`/sites/${miner.siteSlug}`} className="hover:underline">
                  {miner.siteName}
                </Link>
              </Td>
            ) : null}
            <Td className="hidden text-xs text-muted 2xl:table-cell">
              <Ago at={miner.collectedAt} zone={zones[miner.siteId]} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

type ColumnName =
  | "name"
  | "status"
  | "hashrate"
  | "share"
  | "temp"
  | "power"
  | "efficiency"
  | "uptime"
  | "place"
  | "model"
  | "owner"
  | "site"
  | "lastSeen"
/** What is looked for in these columns is their far end. */
const HIGH_FIRST: ReadonlySet<ColumnName> = new Set(["hashrate", "temp", "power", "efficiency", "uptime"])

function Column({
  name,
  order,
  numeric,
  className,
}: {
  name: ColumnName
  order?: { sort: string; dir: "asc" | "desc" }
  numeric?: boolean
  className?: string
}) {
  const t = useT()
  const label = t(`miners.column.${name}`)
  return order ? (
    <SortTh
      column={name}
      current={order}
      label={label}
      first={HIGH_FIRST.has(name) ? "desc" : "asc"}
      numeric={numeric}
      className={className}
    />
  ) : (
    <Th numeric={numeric} className={className}>
      {label}
    </Th>
  )
}

function PageCheckbox({ selection }: { selection: Selection }) {
  const t = useT()
  return (
    <input
      type="checkbox"
      aria-label={t("miners.selectAllHere")}
      checked={selection.pageState === "all"}
      ref={(box) => {
        if (box) box.indeterminate = selection.pageState === "some"
      }}
      onChange={selection.togglePage}
      className="block h-4 w-4 accent-accent"
    />
  )
}

/** One unit for the whole column, so that digits stand under digits: TH/s unless every machine is smaller. */
function columnUnit(rows: MinerRow[]): HashrateUnit {
  const highest = Math.max(0, ...rows.map((row) => row.hashrateGhs ?? 0))
  return highest > 0 && highest < 1_000 ? "GH/s" : "TH/s"
}

/** `Avalon 1346`: models of several makes are numbers or single letters. */
function makeAndModel({ make, model }: Pick<MinerRow, "make" | "model">): string {
  if (model === null) return make ?? UNKNOWN
  return make === null || model.toLowerCase().startsWith(make.toLowerCase()) ? model : `${make} ${model}`
}
