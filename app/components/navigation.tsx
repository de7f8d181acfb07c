import { NavLink } from "@remix-run/react"
import type { NavName } from "#app/lib/navigation.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "#app/ui/class-names.ts"
import { Icon, type IconName } from "#app/ui/icon.tsx"

const PAGES: Record<NavName, { to: string; icon: IconName }> = {
  overview: { to: "/", icon: "overview" },
  sites: { to: "/sites", icon: "site" },
  miners: { to: "/miners", icon: "miner" },
  commands: { to: "/commands", icon: "command" },
  approvals: { to: "/approvals", icon: "approval" },
  templates: { to: "/templates", icon: "template" },
  backups: { to: "/backups", icon: "backup" },
  collectors: { to: "/collectors", icon: "collector" },
  discovery: { to: "/discovery", icon: "search" },
  support: { to: "/docs/miners", icon: "miner" },
  users: { to: "/settings/users", icon: "user" },
  clients: { to: "/settings/clients", icon: "client" },
  firmware: { to: "/settings/firmware", icon: "firmware" },
  audit: { to: "/audit", icon: "audit" },
}
const GROUPS: { name: "watch" | "act" | "administer"; pages: NavName[] }[] = [
  { name: "watch", pages: ["overview", "sites", "miners"] },
  { name: "act", pages: ["commands", "approvals", "templates", "backups"] },
  {
    name: "administer",
    pages: ["collectors", "discovery", "support", "users", "clients", "firmware", "audit"],
  },
]

/** The way to every page that the reader has. */
export function Navigation({ names, openApprovals }: { names: NavName[]; openApprovals: number | null }) {
  const t = useT()
  return (
    <nav aria-label={t("shell.mainNavigation")} className="space-y-3">
      {GROUPS.map((group) => {
        const pages = group.pages.filter((name) => names.includes(name))
        if (pages.length === 0) return null
        return (
          <div key={group.name}>
            <p className="eyebrow px-2 pb-1">{t(`shell.groups.${group.name}`)}</p>
            <ul>
              {pages.map((name) => (
                <li key={name}>
                  <NavLink
                    to={PAGES[name].to}
                    end={name === "overview"}
                    prefetch="intent"
                    className={({ isActive }) =>
                      cx(
                        "flex h-8 items-center gap-2 rounded px-2",
                        isActive
                          ? "bg-accent/10 font-semibold text-accent"
                          : "text-ink hover:bg-ink/5 [&>svg]:text-muted",
                      )
                    }
                  >
                    <Icon name={PAGES[name].icon} />
                    {t(`shell.nav.${name}`)}
                    {name === "approvals" && openApprovals ? (
                      <span
                        className="ml-auto rounded-full bg-warn/15 px-1.5 text-2xs font-semibold text-warn"
                        title={t("shell.openApprovals", { count: openApprovals })}
                      >
                        {openApprovals}
                      </span>
                    ) : null}
                  </NavLink>
                </li>
              ))}
            </ul>
          </div>
        )
      })}
    </nav>
  )
}
