import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { ConfirmAction } from "#app/components/confirm-action.tsx"
import { ThermalCheckPanel } from "#app/components/thermal-check.tsx"
import { ThermalEventList } from "#app/components/thermal-events.tsx"
import { ThermalHoldList } from "#app/components/thermal-holds.tsx"
import { ThermalPolicyForm } from "#app/components/thermal-policy.tsx"
import type { FormFields } from "#app/lib/form-fields.ts"
import { formatTemp } from "#app/lib/format.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Badge } from "#app/ui/badge.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import { THERMAL_ACTIONS } from "#server/contract/thermal.ts"
import { checkThermal } from "#server/thermal/check-thermal.ts"
import { listThermal } from "#server/thermal/list-thermal.ts"
import { readThermalConfig } from "#server/thermal/read-thermal-config.ts"
import { saveThermalConfig } from "#server/thermal/save-thermal-config.ts"

const EVENTS_A_PAGE = 50
const HOLDS_SHOWN = 100

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle("thermal.title", data ? translator("en")("thermal.titleOf", { name: data.site.name }) : undefined)

/** The guard of a site: its policy, what it holds, what it did. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params, url }) => {
    const policy = await readThermalConfig(ctx, { slug: params.slug ?? "" })
    const page = Math.max(1, Math.trunc(Number(url.searchParams.get("page") ?? 1)) || 1)
    const facts = await listThermal(ctx, {
      siteId: policy.site.id,
      events: EVENTS_A_PAGE,
      page: Math.min(page, 100_000),
      holds: HOLDS_SHOWN,
    })
    return { ...policy, ...facts, page }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, params }) => {
    const t = translator("en")
    const slug = params.slug ?? ""
    const { site } = await readThermalConfig(ctx, { slug })
    const back = `/sites/${site.slug}/thermal`
    const version = form.numberOrNull("version") ?? undefined
    switch (form.text("intent")) {
      case "save": {
        const { changed } = await saveThermalConfig(ctx, {
          siteId: site.id,
          version,
          ...policyOf(form),
        })
        return redirectWithNotice(back, {
          text: t(changed.length > 0 ? "thermal.policy.saved" : "thermal.policy.nothingChanged"),
        })
      }
      case "arm":
        return turn(ctx, site, version, true)
      case "disarm":
        return turn(ctx, site, version, false)
      case "check":
        return { ok: true as const, check: await checkThermal(ctx, { slug }) }
      default:
        throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    }
  })
}

async function turn(
  ctx: Context,
  site: { id: number; slug: string; name: string },
  version: number | undefined,
  armed: boolean,
) {
  await saveThermalConfig(ctx, { siteId: site.id, version, armed })
  const text = translator("en")(armed ? "thermal.arm.done" : "thermal.disarm.done", { name: site.name })
  return redirectWithNotice(`/sites/${site.slug}/thermal`, { text })
}

/** Steps that are ticked, by their places; of two in one place the weaker comes first. */
function policyOf(form: FormFields) {
  const places = new Map(THERMAL_ACTIONS.map((action) => [action, form.number(`place.${action}`)]))
  const cool = (action: (typeof THERMAL_ACTIONS)[number]) => form.number(`cool_down_s.${action}`)
  return {
    warning_c: form.number("warning_c"),
    critical_c: form.number("critical_c"),
    resume_c: form.number("resume_c"),
    actions: THERMAL_ACTIONS.filter((action) => form.flag(`use.${action}`)).toSorted(
      (a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0),
    ),
    cool_down_s: {
      fan_up: cool("fan_up"),
      eco: cool("eco"),
      sleep: cool("sleep"),
      off: cool("off"),
    },
    max_actions_per_minute: form.number("max_actions_per_minute"),
  }
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

export default function ThermalGuard() {
  const page = useLoaderData<typeof loader>()
  const answer = useAnswer<typeof action>()
  const problem = problemOf(answer)
  const check = answer && "check" in answer ? answer.check : null
  const { site, config, canManage } = page
  const t = useT()
  return (
    <>
      <PageHeader
        trail={[
          { to: "/sites", label: t("sites.title") },
          { to: `/sites/${site.slug}`, label: site.name },
        ]}
        title={t("thermal.title")}
      />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_28rem]">
        <div className="min-w-0 space-y-4">
          <State {...page} problem={problem} />
          <ThermalCheckPanel check={check} zone={site.timezone} />
          {canManage ? null : <Alert tone="info">{t("thermal.policy.readOnly")}</Alert>}
          <ThermalPolicyForm
            key={`${site.id}:${config.version}`}
            config={config}
            canManage={canManage}
            problem={problem?.values.intent === "save" ? problem : null}
          />
        </div>
        <div className="min-w-0 space-y-4">
          <Holds {...page} />
          <Events {...page} />
        </div>
      </div>
    </>
  )
}

function State({ site, config, canManage, holdsTotal, problem }: Page & { problem: FormProblem | null }) {
  const t = useT()
  const { name, timezone } = site
  const fields = { version: config.version }
  return (
    <Panel
      title={
        <span className="inline-flex items-center gap-2">
          {t("thermal.title")}
          <Badge tone={config.armed ? "accent" : "idle"} icon={config.armed ? "check" : "unknown"}>
            {t(config.armed ? "thermal.state.armed" : "thermal.state.unarmed")}
          </Badge>
        </span>
      }
      aside={
        config.updated_at ? (
          <>
            {t("thermal.state.updated", { version: config.version })}{" "}
            <Ago at={config.updated_at} zone={timezone} />
          </>
        ) : null
      }
    >
      <div className="space-y-3">
        <p>{t(config.armed ? "thermal.state.armedBody" : "thermal.state.unarmedBody")}</p>
        <p className="text-muted">
          {t("thermal.state.killSwitch")} {config.version === 0 ? t("thermal.state.defaults") : null}
        </p>
        {canManage && config.armed ? (
          <ConfirmAction
            button={t("thermal.disarm.button")}
            title={t("thermal.disarm.title", { name })}
            fields={{ intent: "disarm", ...fields }}
            problem={problem}
            submit={t("thermal.disarm.submit")}
          >
            <p>{t("thermal.disarm.body")}</p>
            {holdsTotal > 0 ? (
              <p className="font-medium">{t("thermal.disarm.held", { count: holdsTotal })}</p>
            ) : null}
          </ConfirmAction>
        ) : null}
        {canManage && !config.armed ? (
          <ConfirmAction
            button={t("thermal.arm.button")}
            look="primary"
            title={t("thermal.arm.title", { name })}
            fields={{ intent: "arm", ...fields }}
            problem={problem}
            submit={t("thermal.arm.submit")}
            submitLook="primary"
          >
            <p>
              {t("thermal.arm.body", {
                critical: formatTemp(config.critical_c),
                resume: formatTemp(config.resume_c),
              })}
            </p>
          </ConfirmAction>
        ) : null}
      </div>
    </Panel>
  )
}

function Holds({ holds, holdsTotal, site }: Page) {
  const t = useT()
  return (
    <Panel
      title={t("thermal.holds.title")}
      aside={holdsTotal > holds.length ? t("thermal.holds.all", { count: holdsTotal }) : null}
      flush
    >
      {holds.length > 0 ? (
        <ThermalHoldList holds={holds} zone={site.timezone} />
      ) : (
        <p className="p-3 text-muted">{t("thermal.holds.none")}</p>
      )}
    </Panel>
  )
}

function Events({ events, eventsTotal, page, site }: Page) {
  const t = useT()
  return (
    <Panel title={t("thermal.events.title")} flush>
      {events.length > 0 ? (
        <ThermalEventList events={events} zone={site.timezone} />
      ) : (
        <EmptyState title={t("thermal.events.noneYet")}>{t("thermal.events.noneYetBody")}</EmptyState>
      )}
      {eventsTotal > EVENTS_A_PAGE || page > 1 ? (
        <Pagination page={page} pageSize={EVENTS_A_PAGE} total={eventsTotal} />
      ) : null}
    </Panel>
  )
}
