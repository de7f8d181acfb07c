import { Link } from "@remix-run/react"
import { CHOICE_GROUPS, choicesWith } from "#app/lib/actions.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Panel } from "#app/ui/panel.tsx"
import type { CommandFeature } from "#server/contract/commands.ts"
import { commandName } from "./command-words.tsx"

type Template = {
  id: string
  name: string
  siteName: string
  description: string | null
  action: { type: string; parameters: unknown }
}

/** What the machines shall do: every command that the reader may ask for, and the templates of their sites. */
export function RequestType({
  title,
  offered,
  templates,
  to,
}: {
  title?: string
  offered: readonly CommandFeature[]
  templates: Template[]
  /** The address that goes on with the choice. */
  to: (choice: Record<string, string>) => string
}) {
  const t = useT()
  const choices = choicesWith(offered)
  const severalSites = new Set(templates.map((template) => template.siteName)).size > 1
  return (
    <Panel title={title ?? t("request.choose")}>
      {choices.length === 0 ? <p className="text-muted">{t("request.noTypes")}</p> : null}
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
        {CHOICE_GROUPS.map((group) => {
          const shown = group.choices.filter((choice) => choices.includes(choice))
          if (shown.length === 0) return null
          return (
            <section key={group.name} aria-label={t(`command.group.${group.name}`)}>
              <h3 className="eyebrow mb-1">{t(`command.group.${group.name}`)}</h3>
              <ul>
                {shown.map((choice) => (
                  <li key={choice}>
                    <Link
                      to={to({ action: choice })}
                      className="group -mx-2 block rounded px-2 py-1 hover:bg-ink/5"
                    >
                      <span className="font-medium text-accent group-hover:underline">
                        {t(`command.choices.${choice}`)}
                      </span>
                      <span className="block text-xs text-muted">{t(`command.what.${choice}`)}</span>
                    </Link>
                  </li>
                ))}
              </ul>
            </section>
          )
        })}
        {templates.length > 0 ? (
          <section aria-label={t("request.fromTemplate")}>
            <h3 className="eyebrow mb-1">{t("request.fromTemplate")}</h3>
            <ul className="max-h-72 overflow-y-auto">
              {templates.map((template) => (
                <li key={template.id}>
                  <Link
                    to={to({ template_id: template.id })}
                    className="group -mx-2 block rounded px-2 py-1 hover:bg-ink/5"
                  >
                    <span className="font-medium text-accent group-hover:underline">{template.name}</span>
                    <span className="block text-xs text-muted">
                      {[
                        commandName(t, template.action.type, template.action.parameters),
                        severalSites ? template.siteName : null,
                        template.description,
                      ]
                        .filter(Boolean)
                        .join(" · ")}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
      </div>
    </Panel>
  )
}
