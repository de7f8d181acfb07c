import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { CommandSwitch } from "#app/components/command-switch.tsx"
import { SiteNumber, SiteSwitch, SiteText, TimeZoneList } from "#app/components/site-fields.tsx"
import type { FormFields } from "#app/lib/form-fields.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { timeZones } from "#app/lib/time-zones.ts"
import { turnCommandSwitch } from "#app/lib/turn-command-switch.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { ActionForm, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { requirePermission } from "#server/access/permission.ts"
import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import { readSite } from "#server/sites/read-site.ts"
import { updateSite } from "#server/sites/update-site.ts"

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle(
    "sites.settings.trail",
    data ? translator("en")("sites.settings.title", { name: data.site.name }) : undefined,
  )

/** What people set about a site; whoever may look but not change sees it greyed out. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params }) => {
    const { can, ...site } = await readSite(ctx, { slug: params.slug ?? "" })
    requirePermission(ctx, "SITE_MANAGE", site.id, "READ")
    const pause = site.commandsPausedAt
      ? { at: site.commandsPausedAt, by: site.commandsPausedByName, reason: site.commandsPauseReason }
      : null
    const canTurn = { pause: can.manage || can.approveCommands, resume: can.manage }
    return { site, pause, canTurn, canManage: can.manage, zones: can.manage ? timeZones() : [] }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, params }) => {
    const t = translator("en")
    const site = await readSite(ctx, { slug: params.slug ?? "" })
    switch (form.text("intent")) {
      case "pause-commands":
      case "resume-commands":
        return redirectWithNotice(`/sites/${site.slug}/settings`, {
          text: await turnCommandSwitch(ctx, form, { siteId: site.id, name: site.name }),
        })
      case "save":
        return save(ctx, form, site.id)
      default:
        throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    }
  })
}

async function save(ctx: Context, form: FormFields, siteId: number) {
  const t = translator("en")
  const { slug, changed } = await updateSite(ctx, {
    siteId,
    name: form.text("name"),
    slug: form.text("slug"),
    location: form.textOrNull("location"),
    timezone: form.text("timezone"),
    contact: form.textOrNull("contact"),
    pollIntervalS: form.number("pollIntervalS"),
    chipWarningC: form.number("chipWarningC"),
    chipCriticalC: form.number("chipCriticalC"),
    boardWarningC: form.number("boardWarningC"),
    boardCriticalC: form.number("boardCriticalC"),
    approvalBatchThreshold: form.number("approvalBatchThreshold"),
    twoPersonRule: form.flag("twoPersonRule"),
    clientCommandsAllowed: form.flag("clientCommandsAllowed"),
    wavePercent: form.number("wavePercent"),
    wavePauseS: form.number("wavePauseS"),
    waveFailPercent: form.number("waveFailPercent"),
    waveHashPercent: form.number("waveHashPercent"),
    commandTtlMinutes: form.number("commandTtlMinutes"),
    commandCap: form.number("commandCap"),
    backupBeforeChange: form.flag("backupBeforeChange"),
    historyDays: form.number("historyDays"),
    statusPageEnabled: form.flag("statusPageEnabled"),
    statusShowHashrate: form.flag("statusShowHashrate"),
  })
  const names = changed.map((name) => t(`sites.field.${name as "name"}`))
  return redirectWithNotice(`/sites/${slug}/settings`, {
    text: names.length
      ? t("sites.settings.saved", { what: names.join(", ") })
      : t("sites.settings.nothingChanged"),
  })
}

export default function SiteSettings() {
  const { site, pause, canTurn, canManage, zones } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const own = { site, problem }
  return (
    <>
      <PageHeader
        trail={[
          { to: "/sites", label: t("sites.title") },
          { to: `/sites/${site.slug}`, label: site.name },
        ]}
        title={t("sites.settings.title", { name: site.name })}
        actions={<ButtonLink to={`/sites/${site.slug}/logins`}>{t("logins.link")}</ButtonLink>}
      />
      {canManage ? null : (
        <Alert tone="info" className="mb-4 max-w-4xl">
          {t("sites.settings.readOnly")}
        </Alert>
      )}
      <div className="mb-4 max-w-4xl">
        <CommandSwitch
          of="site"
          name={site.name}
          pause={pause}
          zone={site.timezone}
          can={canTurn}
          problem={problem}
        />
      </div>
      <ActionForm problem={problem} className="max-w-4xl" key={`${site.id}:${site.configVersion}`}>
        <input type="hidden" name="intent" value="save" />
        <fieldset disabled={!canManage} className="min-w-0 space-y-4">
          <Panel title={t("sites.settings.identity")}>
            <div className="grid gap-4 md:grid-cols-2">
              <SiteText name="name" {...own} required maxLength={100} />
              <SiteText name="slug" {...own} required maxLength={50} />
              <SiteText name="location" {...own} maxLength={200} />
              <SiteText name="timezone" {...own} required list="zones" />
              <TimeZoneList id="zones" zones={zones} />
              <SiteText name="contact" {...own} maxLength={500} className="md:col-span-2" />
            </div>
          </Panel>
          <div className="grid gap-4 md:grid-cols-2">
            <Panel title={t("sites.settings.polling")}>
              <SiteNumber name="pollIntervalS" {...own} min={10} max={600} />
            </Panel>
            <Panel title={t("sites.settings.history")}>
              <SiteNumber name="historyDays" {...own} min={0} max={3650} />
            </Panel>
          </div>
          <Panel title={t("sites.settings.limits")}>
            <div className="grid grid-cols-2 gap-4 md:grid-cols-4">
              <SiteNumber name="chipWarningC" {...own} min={30} max={150} step="any" />
              <SiteNumber name="chipCriticalC" {...own} min={30} max={150} step="any" />
              <SiteNumber name="boardWarningC" {...own} min={30} max={150} step="any" />
              <SiteNumber name="boardCriticalC" {...own} min={30} max={150} step="any" />
            </div>
            <p className="mt-2 text-xs text-muted">{t("sites.settings.limitsHint")}</p>
          </Panel>
          <Panel title={t("sites.settings.commands")}>
            <div className="grid gap-4 md:grid-cols-2">
              <SiteNumber name="approvalBatchThreshold" {...own} min={0} max={100_000} />
              <div className="space-y-3">
                <SiteSwitch name="twoPersonRule" on={site.twoPersonRule} problem={problem} />
                <SiteSwitch name="clientCommandsAllowed" on={site.clientCommandsAllowed} problem={problem} />
              </div>
            </div>
          </Panel>
          <Panel title={t("sites.settings.waves")}>
            <div className="grid gap-4 md:grid-cols-2">
              <SiteNumber name="wavePercent" {...own} min={1} max={100} />
              <SiteNumber name="wavePauseS" {...own} min={0} max={86_400} />
              <SiteNumber name="waveFailPercent" {...own} min={0} max={100} />
              <SiteNumber name="waveHashPercent" {...own} min={0} max={100} />
              <SiteNumber name="commandTtlMinutes" {...own} min={1} max={1_440} />
              <SiteNumber name="commandCap" {...own} min={1} max={500} />
              <SiteSwitch name="backupBeforeChange" on={site.backupBeforeChange} problem={problem} />
            </div>
          </Panel>
          <Panel
            title={t("sites.settings.status")}
            aside={
              site.statusPageEnabled ? (
                <ButtonLink to={`/status/${site.slug}`} size="sm" reloadDocument>
                  {t("sites.settings.statusLink")}
                </ButtonLink>
              ) : (
                t("sites.settings.statusOff")
              )
            }
          >
            <div className="grid gap-3 md:grid-cols-2">
              <SiteSwitch name="statusPageEnabled" on={site.statusPageEnabled} problem={problem} />
              <SiteSwitch name="statusShowHashrate" on={site.statusShowHashrate} problem={problem} />
            </div>
          </Panel>
          {canManage ? (
            <div className="sticky bottom-0 z-10 -mx-3 border-t border-line bg-ground px-3 py-3 lg:-mx-5 lg:px-5">
              <SubmitButton>{t("sites.settings.save")}</SubmitButton>
            </div>
          ) : null}
        </fieldset>
      </ActionForm>
    </>
  )
}
