import { Link } from "@remix-run/react"
import { formatTemp } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ActionForm, SubmitButton } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { CheckedMiner, ThermalCheck } from "#server/thermal/check-thermal.ts"

/** What the guard would do now; asked for by its button. */
export function ThermalCheckPanel({ check, zone }: { check: ThermalCheck | null; zone: string }) {
  const t = useT()
  return (
    <Panel
      title={t("thermal.check.title")}
      aside={
        check ? (
          <>
            {t("thermal.check.at")} <Ago at={check.checkedAt} zone={zone} />
          </>
        ) : null
      }
    >
      <div className="space-y-3">
        <p className="text-muted">{t("thermal.check.body")}</p>
        <ActionForm preventScrollReset>
          <input type="hidden" name="intent" value="check" />
          <SubmitButton look="secondary">{t("thermal.check.button")}</SubmitButton>
        </ActionForm>
        {check === null ? null : <Found check={check} />}
      </div>
    </Panel>
  )
}

function Found({ check }: { check: ThermalCheck }) {
  const t = useT()
  if (check.judged === 0) return <Alert tone="info">{t("thermal.check.none")}</Alert>
  const judged = t("thermal.check.judged", { count: check.judged })
  if (check.miners.length === 0)
    return (
      <Alert tone="ok">
        {judged} {t("thermal.check.allWell")}
      </Alert>
    )
  return (
    <>
      <p>
        {judged} {check.armed ? null : t("thermal.check.unarmed")}
      </p>
      <Table label={t("thermal.check.title")}>
        <thead>
          <tr>
            <Th>{t("thermal.check.machine")}</Th>
            <Th numeric>{t("thermal.check.temperature")}</Th>
            <Th>{t("thermal.check.verdict")}</Th>
          </tr>
        </thead>
        <tbody>
          {check.miners.map((miner) => (
            <Tr key={miner.minerId}>
              <Td>
                <Link to={`/miners/${miner.minerId}`} className="link font-medium">
                  {miner.name}
                </Link>
              </Td>
              <Td numeric>{formatTemp(miner.temperatureC)}</Td>
              <Td className="whitespace-normal">
                <Verdict miner={miner} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </>
  )
}

function Verdict({ miner }: { miner: CheckedMiner }) {
  const t = useT()
  const action = miner.action === null ? "" : t(`thermal.action.${miner.action}`)
  const cannot = miner.cannot.map((each) => t(`thermal.action.${each.action}`)).join(", ")
  return (
    <>
      {t(`thermal.verdict.${miner.verdict}`, { action })}
      {miner.stoppedFan ? ` · ${t("thermal.verdict.stoppedFan")}` : null}
      {cannot === "" ? null : (
        <span className="block text-xs text-muted" title={miner.cannot.map((each) => each.reason).join(" ")}>
          {t("thermal.check.cannot", { what: cannot })}
        </span>
      )}
    </>
  )
}
