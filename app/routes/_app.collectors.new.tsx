import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { data } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { EnrollmentCode, type MadeCode } from "#app/components/enrollment-code.tsx"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { requireAnywhere } from "#app/lib/require-anywhere.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { SelectField, TextArea, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { levelAt } from "#server/access/permission.ts"
import { createEnrollmentCode } from "#server/collectors/create-enrollment-code.ts"
import { listCollectors } from "#server/collectors/list-collectors.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("collectors.enrolling.title")

/** The sites where the reader may enrol, and what is enrolled there: the page sees its own code being used. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    requireAnywhere(ctx, "COLLECTOR_MANAGE", "FULL")
    const sites = (await listSites(ctx)).filter(
      (site) => levelAt(ctx.actor, "COLLECTOR_MANAGE", site.id) === "FULL",
    )
    const enrolled = (await listCollectors(ctx)).filter((one) => one.state !== "revoked")
    return {
      sites: sites.map(({ id, name }) => ({ id, name })),
      chosen: sites.find((site) => site.slug === url.searchParams.get("site"))?.id ?? null,
      enrolled: enrolled.map(({ id, name, siteName }) => ({ id, name, siteName })),
    }
  })
}

/** Makes the code. It is answered here, once, and nowhere kept. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, load }) => {
    const siteId = form.number("siteId")
    const deviceName = form.text("deviceName")
    const webPort = form.numberOrNull("webPort")
    const values = form
      .text("targets")
      .split(/[\n,;]+/)
      .map((line) => line.trim())
      .filter(Boolean)
    const { code, expiresAt } = await createEnrollmentCode(ctx, {
      siteId,
      deviceName,
      targets: values.map((value) => ({ value, webPort })),
    })
    const site = (await listSites(ctx)).find((one) => one.id === siteId)
    const made: MadeCode = {
      ok: true,
      code,
      expiresAt,
      deviceName,
      siteName: site?.name ?? "",
      zone: site?.timezone ?? "UTC",
      serverUrl: load.baseUrl,
    }
    return data(made, { headers: { "Cache-Control": "no-store" } })
  })
}

export default function EnrollCollector() {
  const { sites, chosen, enrolled } = useLoaderData<typeof loader>()
  const answer = useAnswer<typeof action>()
  const problem = problemOf(answer)
  const made = answer?.ok === true ? answer : null
  const t = useT()
  return (
    <>
      <PageHeader
        trail={[{ to: "/collectors", label: t("collectors.title") }]}
        title={t("collectors.enrolling.title")}
        note={made ? null : t("collectors.enrolling.body")}
      />
      <div className="max-w-2xl">
        {made ? (
          <EnrollmentCode
            made={made}
            again="/collectors/new"
            enrolledId={
              enrolled.find((one) => one.name === made.deviceName && one.siteName === made.siteName)?.id ??
              null
            }
          />
        ) : (
          <Panel>
            <EnrollForm {...{ sites, chosen, problem }} />
          </Panel>
        )}
      </div>
    </>
  )
}

function EnrollForm({
  sites,
  chosen,
  problem,
}: {
  sites: { id: number; name: string }[]
  chosen: number | null
  problem: FormProblem | null
}) {
  const t = useT()
  const targetProblem = problem?.details.find((one) => one.path === "value" || one.path.startsWith("targets"))
  return (
    <ActionForm problem={problem} className="space-y-4">
      <SelectField
        label={t("collectors.site")}
        name="siteId"
        required
        defaultValue={problem?.values.siteId ?? chosen ?? sites[0]?.id}
        error={errorAt(problem, "siteId")}
      >
        {sites.map((site) => (
          <option key={site.id} value={site.id}>
            {site.name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t("collectors.enrolling.nameLabel")}
        hint={t("collectors.enrolling.nameHint")}
        name="deviceName"
        required
        maxLength={64}
        autoComplete="off"
        defaultValue={problem?.values.deviceName}
        error={errorAt(problem, "deviceName")}
      />
      <TextArea
        label={t("collectors.enrolling.targets")}
        hint={t("collectors.enrolling.targetsHint")}
        name="targets"
        rows={4}
        spellCheck={false}
        defaultValue={problem?.values.targets}
        error={targetProblem?.message}
      />
      <TextField
        label={t("collectors.enrolling.webPort")}
        hint={t("collectors.enrolling.webPortHint")}
        name="webPort"
        type="number"
        min={1}
        max={65_535}
        placeholder="80"
        className="max-w-48"
        defaultValue={problem?.values.webPort}
        error={errorAt(problem, "webPort")}
      />
      <div className="flex gap-2">
        <SubmitButton>{t("collectors.enrolling.submit")}</SubmitButton>
        <ButtonLink to="/collectors" look="quiet">
          {t("common.cancel")}
        </ButtonLink>
      </div>
    </ActionForm>
  )
}
