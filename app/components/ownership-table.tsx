import { Link } from "@remix-run/react"
import { useNow } from "#app/lib/now.tsx"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import { TextField } from "#app/ui/field.tsx"
import { errorAt } from "#app/ui/form.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Exact } from "#app/ui/time.tsx"
import type { ReadClient } from "#server/people/read-client.ts"
import { ConfirmAction } from "./confirm-action.tsx"

type Ownership = ReadClient["ownerships"][number]

/** The machines a client owns and owned, with their dates in each site's zone. */
export function OwnershipTable({
  ownerships,
  clientName,
  zones,
  problem,
}: {
  ownerships: Ownership[]
  clientName: string
  zones: Record<number, string>
  problem: FormProblem | null
}) {
  const t = useT()
  const now = useNow()
  return (
    <Table label={t("people.clients.machinesTitle")}>
      <thead>
        <tr>
          <Th>{t("people.clients.machine")}</Th>
          <Th>{t("people.clients.site")}</Th>
          <Th>{t("people.clients.from")}</Th>
          <Th>{t("people.clients.to")}</Th>
          <Th>{t("people.state")}</Th>
          <Th>
            <span className="sr-only">{t("people.clients.end")}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {ownerships.map((own) => {
          const zone = zones[own.siteId] ?? "UTC"
          const over = own.toAt !== null && own.toAt.getTime() <= now
          const planned = own.fromAt.getTime() > now
          return (
            <Tr key={`${own.siteId} ${own.id}`} className={over ? "text-muted" : undefined}>
              <Td className="whitespace-nowrap">
                <Link to={`/miners/${own.minerId}`} className="link font-medium">
                  {own.minerLabel}
                </Link>
              </Td>
              <Td className="whitespace-nowrap">
                <Link to={`/sites/${own.siteSlug}`} className="link">
                  {own.siteName}
                </Link>
              </Td>
              <Td>
                <Exact at={own.fromAt} zone={zone} />
              </Td>
              <Td>
                {own.toAt ? (
                  <Exact at={own.toAt} zone={zone} />
                ) : (
                  <span className="whitespace-nowrap">{t("people.clients.open")}</span>
                )}
              </Td>
              <Td>
                {over ? (
                  <Badge tone="idle">{t("people.clients.over")}</Badge>
                ) : planned ? (
                  <Badge tone="accent" icon="clock">
                    {t("people.clients.planned")}
                  </Badge>
                ) : (
                  <Badge tone="ok" icon="check">
                    {t("people.clients.now")}
                  </Badge>
                )}
              </Td>
              <Td>
                {over || planned ? null : (
                  <div className="flex justify-end">
                    <End own={own} zone={zone} clientName={clientName} problem={problem} />
                  </div>
                )}
              </Td>
            </Tr>
          )
        })}
      </tbody>
    </Table>
  )
}

function End({
  own,
  zone,
  clientName,
  problem,
}: {
  own: Ownership
  zone: string
  clientName: string
  problem: FormProblem | null
}) {
  const t = useT()
  const refused =
    problem?.values.intent === "end" && problem.values.ownershipId === String(own.id) ? problem : null
  return (
    <ConfirmAction
      button={t("people.clients.end")}
      look="quiet"
      size="sm"
      title={t("people.clients.endTitle", { name: clientName, machine: own.minerLabel })}
      fields={{ intent: "end", siteId: own.siteId, ownershipId: own.id, machine: own.minerLabel }}
      problem={problem}
      submit={t("people.clients.endSubmit")}
    >
      <p>{t("people.clients.endBody")}</p>
      <TextField
        label={t("people.clients.endAt", { zone })}
        hint={t("people.clients.endHint")}
        name="toAt"
        type="datetime-local"
        className="max-w-64"
        defaultValue={refused?.values.toAt}
        error={errorAt(refused, "toAt")}
      />
    </ConfirmAction>
  )
}
