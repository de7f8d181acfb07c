import { useRouteLoaderData } from "@remix-run/react"
import type { NavName } from "#app/lib/navigation.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { NavTabs } from "#app/ui/nav-tabs.tsx"

const PAGES = [
  { name: "panel", page: "miners", to: "/miners" },
  { name: "history", page: "commands", to: "/commands" },
  { name: "backups", page: "backups", to: "/backups" },
  { name: "templates", page: "templates", to: "/templates" },
] as const

/** The pages on which machines are controlled, as far as the reader has them. */
export function CommandArea({ current }: { current: (typeof PAGES)[number]["name"] }) {
  const t = useT()
  const frame = useRouteLoaderData<{ names: NavName[] }>("routes/_app")
  const pages = PAGES.filter(({ page }) => frame?.names.includes(page))
  return (
    <div className="mb-4 border-b border-line pb-2">
      <NavTabs
        label={t("commands.area.label")}
        items={pages.map(({ name, to }) => ({
          to,
          label: t(`commands.area.${name}`),
          current: name === current,
        }))}
      />
    </div>
  )
}
