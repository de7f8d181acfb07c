import { Link } from "@remix-run/react"
import type { ReactNode } from "react"

/** The name of a page, where it hangs, and what can be done on it. */
export function PageHeader({
  title,
  trail,
  note,
  actions,
}: {
  title: ReactNode
  /** From the top down, without the page itself. */
  trail?: { to: string; label: string }[]
  note?: ReactNode
  actions?: ReactNode
}) {
  return (
    <div className="mb-4 flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
      <div className="min-w-0">
        {trail?.length ? (
          <nav aria-label="Breadcrumb" className="mb-0.5 flex flex-wrap gap-1 text-xs text-muted">
            {trail.map((stop) => (
              <span key={stop.to}>
                <Link to={stop.to} className="hover:text-ink hover:underline">
                  {stop.label}
                </Link>
                <span aria-hidden="true"> / </span>
              </span>
            ))}
          </nav>
        ) : null}
        <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xl font-semibold leading-7">
          {title}
        </h1>
        {note ? <div className="mt-0.5 text-muted">{note}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </div>
  )
}
