import { Form, Link } from "@remix-run/react"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button } from "#app/ui/button.tsx"
import { Checkbox, SelectField, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, SubmitButton } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { MinerPage, MinerRow } from "#server/fleet/list-miners.ts"

export type MachineSearch = { q: string; site: string; unowned: boolean }
type Site = { slug: string; name: string; timezone: string }

/** Finds machines and gives the chosen ones to a client, from and until when. */
export function AssignMachines({
  clientName,
  sites,
  search,
  found,
  zone,
  problem,
}: {
  clientName: string
  sites: Site[]
  search: MachineSearch
  found: MinerPage | null
  zone: string
  problem: FormProblem | null
}) {
  const t = useT()
  return (
    <Panel title={t("people.assign.title")} flush>
      <Form method="get" role="search" preventScrollReset className="flex flex-wrap items-end gap-3 p-3">
        <TextField
          label={t("people.assign.find")}
          name="q"
          type="search"
          placeholder={t("people.assign.findHint")}
          className="min-w-56 flex-1"
          defaultValue={search.q}
        />
        <SelectField
          label={t("people.assign.site")}
          name="site"
          className="w-44"
          defaultValue={search.site}
          key={search.site}
        >
          <option value="">{t("people.assign.anySite")}</option>
          {sites.map((site) => (
            <option key={site.slug} value={site.slug}>
              {site.name}
            </option>
          ))}
        </SelectField>
        <input type="hidden" name="find" value="machines" />
        <Checkbox
          label={t("people.assign.only")}
          name="unowned"
          defaultChecked={search.unowned}
          className="pb-1.5"
        />
        <Button type="submit">{t("people.assign.search")}</Button>
      </Form>
      {found === null ? (
        <p className="border-t border-line p-3 text-muted">{t("people.assign.start")}</p>
      ) : found.rows.length === 0 ? (
        <p className="border-t border-line p-3 text-muted">{t("people.assign.none")}</p>
      ) : (
        <ActionForm
          problem={problem?.values.intent === "assign" ? problem : null}
          preventScrollReset
          className="border-t border-line"
        >
          <input type="hidden" name="intent" value="assign" />
          <input type="hidden" name="zone" value={zone} />
          <Found rows={found.rows} />
          {found.total > found.rows.length ? (
            <p className="border-t border-line px-3 py-2 text-xs text-muted">
              {t("people.assign.shown", { shown: found.rows.length, all: found.total })}
            </p>
          ) : null}
          <div className="flex flex-wrap items-start gap-3 border-t border-line p-3">
            <TextField
              label={t("people.assign.fromAt", { zone })}
              hint={t("people.assign.fromHint")}
              name="fromAt"
              type="datetime-local"
              defaultValue={problem?.values.fromAt}
              error={errorAt(problem, "fromAt")}
            />
            <TextField
              label={t("people.assign.toAt", { zone })}
              hint={t("people.assign.toHint")}
              name="toAt"
              type="datetime-local"
              defaultValue={problem?.values.toAt}
              error={errorAt(problem, "toAt")}
            />
            <SubmitButton className="mt-5">{t("people.assign.submit", { name: clientName })}</SubmitButton>
            {search.unowned ? null : (
              <p className="w-full text-xs text-muted">{t("people.assign.takesOver")}</p>
            )}
          </div>
        </ActionForm>
      )}
    </Panel>
  )
}

function Found({ rows }: { rows: MinerRow[] }) {
  const t = useT()
  return (
    <Table label={t("people.assign.list")} className="max-h-96 overflow-y-auto">
      <thead>
        <tr>
          <Th className="w-8">
            <span className="sr-only">{t("people.assign.choose")}</span>
          </Th>
          <Th>{t("people.assign.machine")}</Th>
          <Th>{t("people.assign.model")}</Th>
          <Th>{t("people.assign.place")}</Th>
          <Th>{t("people.assign.site")}</Th>
          <Th>{t("people.assign.owner")}</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id}>
            <Td>
              <input
                type="checkbox"
                name="ids"
                value={row.id}
                aria-label={`${t("people.assign.choose")} ${row.name}`}
                className="h-4 w-4 align-middle accent-accent"
              />
            </Td>
            <Td className="whitespace-nowrap">
              <Link to={`/miners/${row.id}`} className="link font-medium">
                {row.name}
              </Link>
            </Td>
            <Td className="whitespace-nowrap">{row.model ?? t("common.unknown")}</Td>
            <Td className="whitespace-nowrap">{row.place ?? t("common.unknown")}</Td>
            <Td className="whitespace-nowrap">{row.siteName}</Td>
            <Td className="whitespace-nowrap">
              {row.owner?.name ?? <span className="text-muted">{t("people.assign.nobody")}</span>}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
