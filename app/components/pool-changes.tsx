import { Link } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Badge } from "#app/ui/badge.tsx"
import { cx } from "#app/ui/class-names.ts"
import { Icon } from "#app/ui/icon.tsx"

/** One line of a change of pool: machines that mine alike before, and where they go. */
type Change = {
  oldUrl: string | null
  oldWorker: string | null
  newUrl: string
  newWorker: string
  /** All pools asked for, where there are spare ones. */
  newPools?: { url: string; worker: string }[]
  count: number
  leavesAccount: boolean
  /** Machines among them that a client owns. */
  owned?: number
  minerIds: number[]
  minerNames?: string[]
}

/** Pool and payout worker before and after, side by side; loud where the income goes to another account. */
export function PoolChanges({
  pools,
  names = {},
  asked = false,
}: {
  pools: Change[]
  /** It was asked for, and is no plan any more. */
  asked?: boolean
  /** Of machines, where the lines do not bring them along. */
  names?: Record<number, string>
}) {
  const t = useT()
  const leaving = pools.reduce((sum, change) => sum + (change.leavesAccount ? change.count : 0), 0)
  return (
    <div>
      {leaving > 0 ? (
        <div className="p-3 pb-0">
          <Alert tone="bad">
            {asked
              ? t("commands.page.leaving", { count: leaving })
              : t("request.preview.leavesTotal", { count: leaving })}
          </Alert>
        </div>
      ) : null}
      <ul className="divide-y divide-line">
        {pools.map((change) => (
          <li
            key={`${change.oldUrl} ${change.oldWorker} ${change.newWorker}`}
            className={cx("p-3", change.leavesAccount && "bg-bad/5")}
          >
            <p className="mb-1.5 flex flex-wrap items-center gap-2">
              <span className="font-semibold">{t("commands.machines", { count: change.count })}</span>
              {change.leavesAccount ? (
                <Badge tone="bad" icon="warning">
                  {t(change.owned ? "request.preview.leaves" : "request.preview.leavesPresent")}
                </Badge>
              ) : null}
              <SomeMachines change={change} names={names} />
            </p>
            <div className="grid items-center gap-x-3 gap-y-1 sm:grid-cols-[1fr_auto_1fr]">
              <Side
                name={t("request.preview.before")}
                url={change.oldUrl}
                worker={change.oldWorker}
                className={change.leavesAccount ? "text-bad" : undefined}
              />
              <Icon name="right" className="hidden text-muted sm:block" />
              <Side
                name={t("request.preview.after")}
                url={change.newUrl}
                worker={change.newWorker}
                spare={change.newPools?.slice(1)}
                className={change.leavesAccount ? "text-bad" : undefined}
              />
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Side({
  name,
  url,
  worker,
  spare = [],
  className,
}: {
  name: string
  url: string | null
  worker: string | null
  spare?: { url: string; worker: string }[]
  className?: string
}) {
  const t = useT()
  return (
    <div className="min-w-0 self-start">
      <p className="eyebrow">{name}</p>
      <p className={cx("break-words font-semibold", className)}>{worker ?? t("common.unknownWord")}</p>
      <p className="break-words text-xs text-muted">{url ?? t("request.preview.noPool")}</p>
      {spare.map((pool) => (
        <p key={`${pool.url} ${pool.worker}`} className="break-words text-xs text-muted">
          {t("request.preview.spare", { worker: pool.worker, url: pool.url })}
        </p>
      ))}
    </div>
  )
}

/** The only machine, or a way to a few of them. */
function SomeMachines({ change, names }: { change: Change; names: Record<number, string> }) {
  const t = useT()
  if (change.minerIds.length === 0) return null
  return (
    <span className="text-xs text-muted">
      {t("request.preview.sample")}{" "}
      {change.minerIds.slice(0, 3).map((minerId, index) => (
        <span key={minerId}>
          {index > 0 ? ", " : null}
          <Link to={`/miners/${minerId}`} className="link">
            {change.minerNames?.[index] ?? names[minerId] ?? `#${minerId}`}
          </Link>
        </span>
      ))}
    </span>
  )
}
