import { Form, Link } from "@remix-run/react"
import type { ReactNode } from "react"
import { CHOICE_GROUPS, choicesWith, requestPath } from "#app/lib/actions.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Icon } from "#app/ui/icon.tsx"
import { Menu, menuItem } from "#app/ui/menu.tsx"
import type { CommandFeature } from "#server/contract/commands.ts"

/** The commands that may be asked for. Each leads to a page that says exactly what would happen. */
export function CommandMenu({
  offered,
  to,
}: {
  offered: readonly CommandFeature[]
  /** The machines, as the address says them. */
  to: Record<string, string>
}) {
  const t = useT()
  if (offered.length === 0) return null
  return (
    <Menu
      button={
        <>
          {t("command.choose")}
          <Icon name="down" className="h-3 w-3" />
        </>
      }
    >
      <Grouped
        offered={offered}
        item={(choice) => (
          <Link to={requestPath(choice, to)} className={menuItem}>
            {t(`command.choices.${choice}`)}
          </Link>
        )}
      />
    </Menu>
  )
}

/** The same as buttons of a form that carries the machines. */
export function CommandMenuForm({
  offered,
  children,
}: {
  offered: readonly CommandFeature[]
  /** Hidden fields. */
  children: ReactNode
}) {
  const t = useT()
  if (offered.length === 0) return null
  return (
    <Menu
      upwards
      button={
        <>
          {t("command.choose")}
          <Icon name="up" className="h-3 w-3" />
        </>
      }
    >
      <Form method="get" action="/commands/new">
        {children}
        <Grouped
          offered={offered}
          item={(choice) => (
            <button type="submit" name="action" value={choice} className={menuItem}>
              {t(`command.choices.${choice}`)}
            </button>
          )}
        />
        <button type="submit" className={`${menuItem} border-t border-line`}>
          {t("request.fromTemplate")}…
        </button>
      </Form>
    </Menu>
  )
}

function Grouped({
  offered,
  item,
}: {
  offered: readonly CommandFeature[]
  item: (choice: ReturnType<typeof choicesWith>[number]) => ReactNode
}) {
  const t = useT()
  const choices = choicesWith(offered)
  return (
    <>
      {CHOICE_GROUPS.map((group) => {
        const shown = group.choices.filter((choice) => choices.includes(choice))
        if (shown.length === 0) return null
        return (
          <section key={group.name} aria-label={t(`command.group.${group.name}`)}>
            <p className="eyebrow px-2 pb-0.5 pt-1.5" aria-hidden="true">
              {t(`command.group.${group.name}`)}
            </p>
            {shown.map((choice) => (
              <div key={choice}>{item(choice)}</div>
            ))}
          </section>
        )
      })}
    </>
  )
}
