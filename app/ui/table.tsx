import { Link, useLocation, useSearchParams } from "@remix-run/react"
import type { ComponentProps, ReactNode } from "react"
import { cx } from "./class-names.ts"
import { Icon } from "./icon.tsx"

/** A table that scrolls sideways inside its own box on a narrow screen. `label` names it for screen readers. */
export function Table({
  label,
  children,
  className,
}: {
  label: string
  children: ReactNode
  className?: string
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className={cx("relative overflow-x-auto", className)}>
      <table className="w-full border-collapse text-left">{children}</table>
    </section>
  )
}

type Cell = { numeric?: boolean }

export function Th({ numeric, className, children, ...rest }: ComponentProps<"th"> & Cell) {
  return (
    <th scope="col" className={cx("th", numeric && "num", className)} {...rest}>
      {children}
    </th>
  )
}

/** A column that sorts through the address: `?sort=KEY&dir=asc|desc`, back on the first page. */
export function SortTh({
  column,
  current,
  label,
  first = "asc",
  numeric,
  className,
}: {
  column: string
  current: { sort: string; dir: "asc" | "desc" }
  label: string
  /** The direction of the first click: numbers want `desc`. */
  first?: "asc" | "desc"
  numeric?: boolean
  className?: string
}) {
  const [search] = useSearchParams()
  const { pathname } = useLocation()
  const active = current.sort === column
  const next = active ? (current.dir === "asc" ? "desc" : "asc") : first
  const to = new URLSearchParams(search)
  to.set("sort", column)
  to.set("dir", next)
  to.delete("page")
  return (
    <Th
      numeric={numeric}
      className={className}
      aria-sort={active ? (current.dir === "asc" ? "ascending" : "descending") : "none"}
    >
      <Link
        to={`${pathname}?${to}`}
        preventScrollReset
        className={cx("inline-flex items-center gap-0.5 hover:text-ink", active && "text-ink")}
      >
        {label}
        {active ? <Icon name={current.dir === "asc" ? "up" : "down"} className="h-3 w-3" /> : null}
      </Link>
    </Th>
  )
}

export function Td({ numeric, className, ...rest }: ComponentProps<"td"> & Cell) {
  return <td className={cx("td", numeric && "num", className)} {...rest} />
}

export function Tr({ className, selected, ...rest }: ComponentProps<"tr"> & { selected?: boolean }) {
  return <tr className={cx("tr", selected && "bg-accent/5", className)} {...rest} />
}
