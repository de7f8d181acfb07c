import { type ReactNode, useId } from "react"
import { cx } from "./class-names.ts"

/** A named part of a page. `flush` lets a table reach the edges. */
export function Panel({
  title,
  aside,
  children,
  flush,
  className,
}: {
  title?: ReactNode
  aside?: ReactNode
  children: ReactNode
  flush?: boolean
  className?: string
}) {
  const id = useId()
  return (
    <section
      aria-labelledby={title ? id : undefined}
      className={cx("min-w-0 rounded-lg border border-line bg-surface", className)}
    >
      {title ? (
        <header className="flex min-h-10 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-line px-3 py-1.5">
          <h2 id={id} className="font-semibold">
            {title}
          </h2>
          {aside ? <div className="text-xs text-muted">{aside}</div> : null}
        </header>
      ) : null}
      <div className={flush ? "" : "p-3"}>{children}</div>
    </section>
  )
}
