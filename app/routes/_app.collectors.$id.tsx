import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { data } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { CollectorEvents, CollectorKeys, CollectorUploads } from "#app/components/collector-history.tsx"
import { ClockOffset, CollectorState, KnownMachines, SpoolDepth } from "#app/components/collector-state.tsx"
import { CollectorTargets } from "#app/components/collector-targets.tsx"
import { CommandSwitch } from "#app/components/command-switch.tsx"
import { ConfirmAction } from "#app/components/confirm-action.tsx"
import { EnrollmentCode, type MadeCode } from "#app/components/enrollment-code.tsx"
import { ShortTime } from "#app/components/short-time.tsx"
import { idOf } from "#app/lib/form-fields.ts"
import { formatBytes, formatCount } from "#app/lib/format.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { turnCommandSwitch } from "#app/lib/turn-command-switch.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { Definitions } from "#app/ui/definitions.tsx"
import { ActionForm, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import { addTarget } from "#server/collectors/add-target.ts"
import { createEnrollmentCode } from "#server/collectors/create-enrollment-code.ts"
import { readCollector } from "#server/collectors/read-collector.ts"
import { removeTarget } from "#server/collectors/remove-target.ts"
import { revokeCollector } from "#server/collectors/revoke-collector.ts"
import { setTargetEnabled } from "#server/collectors/set-target-enabled.ts"
import { DomainError } from "#server/contract/errors.ts"
import { readSite } from "#server/sites/read-site.ts"

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle("collectors.title", data?.collector.name)

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params }) => {
    const collector = await readCollector(ctx, { deviceId: idOf(params.id) })
    const { timezone } = await readSite(ctx, { slug: collector.siteSlug })
    return { collector, zone: timezone }
  })
}

/** Targets, a new key, the end: each a form with its own `intent`. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, load, params }) => {
    const t = translator("en")
    const deviceId = idOf(params.id)
    const done = (text: string) => redirectWithNotice(`/collectors/${deviceId}`, { text })
    switch (form.text("intent")) {
      case "add-target": {
        const { value } = await addTarget(ctx, {
          deviceId,
          value: form.text("value"),
          webPort: form.numberOrNull("webPort"),
        })
        return done(t("collectors.targets.added", { value }))
      }
      case "set-target": {
        const enabled = form.text("enabled") === "yes"
        await setTargetEnabled(ctx, { deviceId, targetId: form.number("targetId"), enabled })
        const value = form.text("value")
        return done(
          enabled
            ? t("collectors.targets.switchedOn", { value })
            : t("collectors.targets.switchedOff", { value }),
        )
      }
      case "remove-target": {
        await removeTarget(ctx, { deviceId, targetId: form.number("targetId") })
        return done(t("collectors.targets.removed", { value: form.text("value") }))
      }
      case "pause-commands":
      case "resume-commands": {
        const { name } = await readCollector(ctx, { deviceId })
        return done(await turnCommandSwitch(ctx, form, { deviceId, name }))
      }
      case "revoke": {
        const { name } = await readCollector(ctx, { deviceId })
        await revokeCollector(ctx, { deviceId })
        return done(t("collectors.revoke.done", { name }))
      }
      case "rekey": {
        const { name, siteId, siteName, siteSlug } = await readCollector(ctx, { deviceId })
        const [{ code, expiresAt }, { timezone: zone }] = await Promise.all([
          createEnrollmentCode(ctx, { siteId, deviceName: name, deviceId }),
          readSite(ctx, { slug: siteSlug }),
        ])
        const made: MadeCode = {
          ok: true,
          code,
          expiresAt,
          deviceName: name,
          siteName,
          zone,
          serverUrl: load.baseUrl,
        }
        return data(made, { headers: { "Cache-Control": "no-store" } })
      }
      default:
        throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    }
  })
}

export default function Collector() {
  const { collector, zone } = useLoaderData<typeof loader>()
  const answer = useAnswer<typeof action>()
  const problem = problemOf(answer)
  const made = answer && "ok" in answer && answer.ok ? answer : null
  const t = useT()
  const canManage = collector.can.manage && collector.state !== "revoked"
  return (
    <>
      <PageHeader
        trail={[{ to: "/collectors", label: t("collectors.title") }]}
        title={
          <>
            {collector.name} <CollectorState state={collector.state} />
          </>
        }
        note={
          <Link to={`/sites/${collector.siteSlug}`} className="link">
            {collector.siteName}
          </Link>
        }
        actions={
          <>
            <ButtonLink to={`/discovery?collector=${collector.id}`}>{t("collectors.found")}</ButtonLink>
            {canManage ? (
              <>
                <ButtonLink to={`/discovery/new?collector=${collector.id}`}>
                  {t("discovery.start")}
                </ButtonLink>
                <Revoke collector={collector} problem={problem} />
              </>
            ) : null}
          </>
        }
      />
      <div className="space-y-4">
        {made ? (
          <EnrollmentCode
            made={made}
            again={`/collectors/${collector.id}`}
            enrolledId={
              collector.keys.some((key) => !key.revokedAt && key.createdAt > codeMadeAt(made))
                ? collector.id
                : null
            }
          />
        ) : null}
        <StateNote collector={collector} />
        <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_26rem]">
          <div className="min-w-0 space-y-4">
            <CollectorTargets targets={collector.targets} canManage={canManage} problem={problem} />
            <CollectorUploads uploads={collector.uploads} zone={zone} />
          </div>
          <div className="min-w-0 space-y-4">
            <Health collector={collector} zone={zone} />
            {collector.state === "revoked" ? null : (
              <CommandSwitch
                of="collector"
                name={collector.name}
                pause={collector.pause}
                zone={zone}
                can={{ pause: collector.can.pause, resume: collector.can.manage }}
                problem={problem}
              />
            )}
            <Panel title={t("collectors.keys.title")} flush>
              <CollectorKeys keys={collector.keys} zone={zone} />
              {canManage ? (
                <ActionForm className="flex flex-wrap items-center gap-3 border-t border-line p-3">
                  <input type="hidden" name="intent" value="rekey" />
                  <SubmitButton look="secondary">{t("collectors.keys.rekey")}</SubmitButton>
                  <p className="min-w-48 flex-1 text-xs text-muted">{t("collectors.keys.rekeyBody")}</p>
                </ActionForm>
              ) : null}
            </Panel>
            <CollectorEvents events={collector.events} zone={zone} />
          </div>
        </div>
      </div>
    </>
  )
}

const CODE_LIFE_MS = 15 * 60_000
function codeMadeAt(made: MadeCode): Date {
  return new Date(new Date(made.expiresAt).getTime() - CODE_LIFE_MS)
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function StateNote({ collector }: Pick<Page, "collector">) {
  const t = useT()
  if (collector.state === "revoked") return <Alert tone="info">{t("collectors.page.revokedNote")}</Alert>
  if (collector.state === "online") return null
  return (
    <Alert tone="warn">
      {collector.lastSeenAt ? t("collectors.page.silentNote") : t("collectors.page.neverNote")}
    </Alert>
  )
}

function Health({ collector, zone }: Page) {
  const t = useT()
  const { spool } = collector
  const count = (value: number | null | undefined) =>
    value === 0 ? <span className="text-muted">{t("collectors.page.none")}</span> : formatCount(value)
  const items = [
    {
      term: t("collectors.lastSeen"),
      value: collector.lastSeenAt ? <Ago at={collector.lastSeenAt} zone={zone} /> : t("collectors.neverSeen"),
    },
    {
      term: t("collectors.machines"),
      value: (
        <Link to={`/miners?collector=${collector.id}`} className="link">
          <KnownMachines known={collector.minersKnown} online={collector.minersOnline} />
        </Link>
      ),
    },
    { term: t("collectors.spool"), value: <SpoolDepth spool={spool} /> },
    { term: t("collectors.page.dropped"), value: count(spool?.dropped_samples) },
    {
      term: t("collectors.page.quarantined"),
      value: count(spool?.quarantined_samples),
      title: t("collectors.page.quarantineHint"),
    },
    { term: t("collectors.page.unacked"), value: count(collector.unackedResults) },
    { term: t("collectors.page.cycle"), value: <ShortTime ms={collector.lastPollCycleMs} /> },
    { term: t("collectors.clock"), value: <ClockOffset ms={collector.clockOffsetMs} /> },
    {
      term: t("collectors.config"),
      value:
        collector.state === "revoked"
          ? t("common.unknown")
          : collector.configCurrent
            ? t("collectors.configCurrent")
            : t("collectors.configBehind"),
    },
    { term: t("collectors.version"), value: collector.edgeVersion ?? t("common.unknown") },
    {
      term: t("collectors.page.host"),
      value: [collector.hostname, collector.platform].filter(Boolean).join(", ") || t("common.unknown"),
    },
    { term: t("collectors.page.memory"), value: formatBytes(collector.rssBytes) },
    { term: t("collectors.page.enrolled"), value: <Ago at={collector.enrolledAt} zone={zone} /> },
    ...(collector.revokedAt
      ? [{ term: t("collectors.page.revoked"), value: <Ago at={collector.revokedAt} zone={zone} /> }]
      : []),
  ]
  return (
    <Panel title={t("collectors.page.health")}>
      <Definitions items={items} />
    </Panel>
  )
}

function Revoke({ collector, problem }: Pick<Page, "collector"> & { problem: ReturnType<typeof problemOf> }) {
  const t = useT()
  const known = collector.minersKnown ?? 0
  return (
    <ConfirmAction
      button={t("collectors.revoke.button")}
      title={t("collectors.revoke.title", { name: collector.name })}
      fields={{ intent: "revoke" }}
      problem={problem}
      submit={t("collectors.revoke.submit")}
    >
      <p>
        {t("collectors.revoke.body", {
          machines:
            known === 0
              ? t("collectors.revoke.noMachines")
              : t("collectors.revoke.machines", { count: known }),
        })}
      </p>
    </ConfirmAction>
  )
}
