import { Link } from "@remix-run/react"
import { cx } from "./class-names.ts"

/** Ways to look at the same list: links, the present one marked. */
export function NavTabs({
  label,
  items,
}: {
  label: string
  items: { to: string; label: string; count?: number | null; current: boolean }[]
}) {
  return (
    <nav aria-label={label} className="flex gap-0.5 overflow-x-auto">
      {items.map((item) => (
        <Link
          key={item.to}
          to={item.to}
          preventScrollReset
          aria-current={item.current ? "page" : undefined}
          className={cx(
            "whitespace-nowrap rounded px-2.5 py-1 text-muted hover:bg-ink/5 hover:text-ink",
            item.current && "bg-ink/10 font-medium text-ink",
          )}
        >
          {item.label}
          {item.count == null ? null : (
            <span className="ml-1.5 text-xs opacity-80">{item.count.toLocaleString("en")}</span>
          )}
        </Link>
      ))}
    </nav>
  )
}
