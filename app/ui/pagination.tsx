import { useLocation, useSearchParams } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { ButtonLink } from "./button.tsx"
import { Icon } from "./icon.tsx"

/** Which rows of how many are shown, and the way to the others (`?page=N`). */
export function Pagination({ page, pageSize, total }: { page: number; pageSize: number; total: number }) {
  const t = useT()
  const [search] = useSearchParams()
  const { pathname } = useLocation()
  const pages = Math.max(1, Math.ceil(total / pageSize))
  const to = (target: number) => {
    const next = new URLSearchParams(search)
    if (target === 1) next.delete("page")
    else next.set("page", String(target))
    return `${pathname}?${next}`
  }
  const from = total === 0 ? 0 : (page - 1) * pageSize + 1
  return (
    <nav
      aria-label={t("common.pagination")}
      className="flex flex-wrap items-center justify-between gap-2 px-3 py-2 text-xs text-muted"
    >
      <span>{t("common.rows", { from, to: Math.min(total, page * pageSize), total })}</span>
      {pages > 1 ? (
        <span className="flex items-center gap-2">
          {page > 1 ? (
            <ButtonLink size="sm" to={to(page - 1)} rel="prev" preventScrollReset>
              <Icon name="left" />
              {t("common.previous")}
            </ButtonLink>
          ) : null}
          <span>{t("common.page", { page, pages })}</span>
          {page < pages ? (
            <ButtonLink size="sm" to={to(page + 1)} rel="next" preventScrollReset>
              {t("common.next")}
              <Icon name="right" />
            </ButtonLink>
          ) : null}
        </span>
      ) : null}
    </nav>
  )
}
