import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Tag } from "#app/ui/badge.tsx"
import { cx } from "#app/ui/class-names.ts"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import type { FamilySupport } from "#server/contract/support.ts"
import { readSupport } from "#server/fleet/read-support.ts"

export const meta: MetaFunction = () => pageTitle("support.title")

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, ({ ctx }) => readSupport(ctx))
}

/** The support matrix: families by features, and the reasons behind each gap. */
export default function SupportedMiners() {
  const { families } = useLoaderData<typeof loader>()
  const t = useT()
  return (
    <>
      <PageHeader title={t("support.title")} note={t("support.note")} />
      <Panel title={t("support.matrix")} flush>
        <p className="px-4 pb-2 text-xs text-muted">
          {t("support.legend")} {t("support.byHand")}
        </p>
        <Matrix families={families} />
      </Panel>
      <div className="mt-4 grid gap-4 lg:grid-cols-2">
        {families.map((family) => (
          <Family key={family.family} family={family} />
        ))}
      </div>
    </>
  )
}

const MARKS = { yes: "✓", some: "◐", no: "–" } as const
const TONES = { yes: "text-ok", some: "text-warn", no: "text-muted" } as const

function Matrix({ families }: { families: readonly FamilySupport[] }) {
  const t = useT()
  return (
    <Table label={t("support.matrix")}>
      <thead>
        <tr className="align-bottom">
          <Th className="sticky left-0 z-10 bg-surface">{t("support.family")}</Th>
          {COMMAND_FEATURES.map((feature) => (
            <Th key={feature} className="px-1 text-center">
              <span className="vertical-words">{t(`support.features.${feature}`)}</span>
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {families.map((family) => (
          <Tr key={family.family}>
            <Td className="sticky left-0 z-10 whitespace-nowrap bg-surface">
              <a className="link" href={`#${family.family}`}>
                {family.name}
              </a>
            </Td>
            {COMMAND_FEATURES.map((feature) => {
              const { can, why } = family.features[feature]
              return (
                <Td key={feature} className={cx("px-1 text-center", TONES[can])} title={why ?? undefined}>
                  <span aria-hidden>{MARKS[can]}</span>
                  <span className="sr-only">{t(`support.can.${can}`)}</span>
                </Td>
              )
            })}
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** In the order that people ask for them. */
const READ_GROUPS = [
  ["rate", "hashrate_5s_ghs", "hashrate_ghs"],
  ["expected", "hashrate_expected_ghs"],
  ["chips", "temperature_max"],
  ["inlet", "temperature_inlet"],
  ["outlet", "temperature_outlet"],
  ["fans", "fan_speeds"],
  ["power", "power_consumption"],
  ["mode", "power_mode"],
  ["frequency", "frequency_avg"],
  ["voltage", "voltage_avg"],
  ["boards", "boards"],
  ["pools", "pools"],
  ["shares", "accepted_shares"],
  ["uptime", "uptime_seconds"],
  ["mac", "mac"],
  ["serial", "serial"],
  ["errors", "errors"],
] as const

function Family({ family }: { family: FamilySupport }) {
  const t = useT()
  const told = READ_GROUPS.filter(([, ...fields]) => fields.some((field) => family.reads.includes(field)))
  const gaps = COMMAND_FEATURES.filter((feature) => family.features[feature].why !== null)
  return (
    <section id={family.family} className="scroll-mt-16">
      <Panel title={family.name}>
        <p className="flex flex-wrap items-center gap-1 text-xs text-muted">
          {t("support.tried")}:
          {family.simulated.map(({ make, model, firmware }) => (
            <Tag key={`${make} ${model} ${firmware}`}>{[make, model].filter(Boolean).join(" ")}</Tag>
          ))}
          {family.recorded.length > 0 ? (
            <span>{t("support.recorded", { count: family.recorded.length })}</span>
          ) : null}
        </p>
        <p className="mt-2 text-sm">
          <span className="text-muted">{t("support.reads")}: </span>
          {told.map(([name]) => t(`support.readGroups.${name}`)).join(", ")}.
        </p>
        {gaps.length === 0 ? (
          <p className="mt-2 text-sm">{t("support.everything")}</p>
        ) : (
          <details className="mt-2 text-sm">
            <summary className="cursor-pointer text-accent">{t("support.cannot")}</summary>
            <dl className="mt-2 space-y-1">
              {gaps.map((feature) => (
                <div key={feature}>
                  <dt className="font-medium">
                    {t(`support.features.${feature}`)}
                    {family.features[feature].can === "some" ? (
                      <span className="font-normal text-muted"> ({t("support.can.some")})</span>
                    ) : null}
                  </dt>
                  <dd className="text-muted">{family.features[feature].why}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </Panel>
    </section>
  )
}
