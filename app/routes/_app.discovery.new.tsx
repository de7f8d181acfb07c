import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, type ShouldRevalidateFunction, useLoaderData } from "@remix-run/react"
import { positive, uuidOf } from "#app/lib/discovery-query.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { requireAnywhere } from "#app/lib/require-anywhere.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { repeatOf, scanOf } from "#app/lib/scan-form.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { Choice } from "#app/ui/choice.tsx"
import { Checkbox, SelectField, TextArea, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { levelAt } from "#server/access/permission.ts"
import { listCollectors } from "#server/collectors/list-collectors.ts"
import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import { listSchedules } from "#server/discovery/list-schedules.ts"
import { readScan } from "#server/discovery/read-scan.ts"
import { requestScan } from "#server/discovery/request-scan.ts"
import { saveSchedule } from "#server/discovery/save-schedule.ts"

export const meta: MetaFunction = () => pageTitle("discovery.form.title")

/** `?collector=` and `?targets=` fill the form in; `?scan=` as a scan was, `?schedule=` to change one. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    requireAnywhere(ctx, "COLLECTOR_MANAGE", "FULL")
    const collectors = (await listCollectors(ctx)).filter(
      (one) => one.state !== "revoked" && levelAt(ctx.actor, "COLLECTOR_MANAGE", one.siteId) === "FULL",
    )
    return {
      collectors: collectors.map(({ id, name, siteName, state }) => ({ id, name, siteName, state })),
      given: await given(ctx, url.searchParams),
      requestId: crypto.randomUUID(),
    }
  })
}

/** Live events leave the form as it is: its number makes a double click one scan. */
export const shouldRevalidate: ShouldRevalidateFunction = ({
  currentUrl,
  nextUrl,
  defaultShouldRevalidate,
}) => currentUrl.href !== nextUrl.href && defaultShouldRevalidate

async function given(ctx: Context, search: URLSearchParams) {
  const scanId = uuidOf(search.get("scan"))
  const scheduleId = positive(search.get("schedule") ?? undefined)
  const empty = {
    scheduleId: null as number | null,
    deviceId: positive(search.get("collector") ?? undefined) ?? null,
    targets: [search.get("targets") ?? ""],
    options: { ports: [] as number[], gpu: false, concurrency: null as number | null },
    includeEdges: false,
    autoAccept: false,
    repeat: "once" as ReturnType<typeof repeatOf>,
    everyHours: null as number | null,
    dailyAt: null as string | null,
  }
  if (scanId) {
    const { deviceId, targets, options, autoAccept } = (await readScan(ctx, { scanId })).scan
    return { ...empty, deviceId, targets, options, autoAccept }
  }
  if (!scheduleId) return empty
  const [schedule] = await listSchedules(ctx, { scheduleId })
  if (!schedule) throw new DomainError("NOT_FOUND", translator("en")("shell.errors.NOT_FOUND.body"))
  const { deviceId, targets, options, includeEdges, autoAccept, everyHours, dailyAt } = schedule
  const repeat = dailyAt === null ? ("hours" as const) : ("daily" as const)
  return { scheduleId, deviceId, targets, options, includeEdges, autoAccept, everyHours, dailyAt, repeat }
}

/** Begins a scan, or keeps a schedule of them. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form }) => {
    const t = translator("en")
    const scan = await scanOf(form)
    const repeat = repeatOf(form.text("repeat"))
    if (repeat === "once") {
      const { scanId, total } = await requestScan(ctx, { ...scan, requestId: form.text("requestId") })
      return redirectWithNotice(`/discovery/scans/${scanId}`, {
        text: t("discovery.form.begun", { count: total }),
      })
    }
    const scheduleId = form.numberOrNull("scheduleId")
    await saveSchedule(ctx, {
      ...scan,
      ...(scheduleId === null ? {} : { scheduleId }),
      everyHours: repeat === "hours" ? form.number("everyHours") : null,
      dailyAt: repeat === "daily" ? form.text("dailyAt") : null,
    })
    return redirectWithNotice("/discovery", { text: t("discovery.form.saved") })
  })
}

export default function NewScan() {
  const { collectors, given, requestId } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const editing = given.scheduleId !== null
  return (
    <>
      <PageHeader
        trail={[{ to: "/discovery", label: t("discovery.title") }]}
        title={editing ? t("discovery.form.editTitle") : t("discovery.form.title")}
        note={t("discovery.form.body")}
      />
      {collectors.length === 0 ? (
        <Alert tone="info">
          {t("discovery.form.noCollector")}{" "}
          <Link className="link" to="/collectors/new">
            {t("discovery.form.enrol")}
          </Link>
        </Alert>
      ) : (
        <ActionForm problem={problem} encType="multipart/form-data" className="max-w-2xl space-y-4">
          <input type="hidden" name="requestId" value={requestId} />
          {editing ? <input type="hidden" name="scheduleId" value={given.scheduleId ?? ""} /> : null}
          <Where {...{ collectors, given, problem }} />
          <When {...{ given, problem }} />
          <div className="flex gap-2">
            <SubmitButton>{editing ? t("discovery.form.save") : t("discovery.form.submit")}</SubmitButton>
            <ButtonLink to="/discovery" look="quiet">
              {t("discovery.form.cancel")}
            </ButtonLink>
          </div>
        </ActionForm>
      )}
    </>
  )
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>
type Part = Pick<Loaded, "given"> & { problem: FormProblem | null }

function Where({ collectors, given, problem }: Part & Pick<Loaded, "collectors">) {
  const t = useT()
  const typed = problem?.values
  const { options } = given
  const special =
    options.ports.length > 0 || options.gpu || given.includeEdges || options.concurrency !== null
  return (
    <Panel title={t("discovery.form.what")}>
      <div className="space-y-4">
        <SelectField
          label={t("discovery.collector")}
          hint={t("discovery.form.collectorHint")}
          name="deviceId"
          required
          defaultValue={typed?.deviceId ?? given.deviceId ?? collectors[0]?.id}
          error={errorAt(problem, "deviceId")}
        >
          {collectors.map((one) => (
            <option key={one.id} value={one.id}>
              {one.siteName}, {one.name}
            </option>
          ))}
        </SelectField>
        <TextArea
          label={t("discovery.form.ranges")}
          hint={t("discovery.form.rangesHint")}
          name="targets"
          rows={4}
          spellCheck={false}
          defaultValue={typed?.targets ?? given.targets.join("\n")}
          error={errorAt(problem, "targets")}
        />
        <TextField
          label={t("discovery.form.file")}
          hint={t("discovery.form.fileHint")}
          name="file"
          type="file"
          accept=".txt,.csv,text/plain,text/csv"
        />
        <Checkbox
          name="autoAccept"
          label={t("discovery.form.autoAccept")}
          hint={t("discovery.form.autoAcceptHint")}
          defaultChecked={typed ? "autoAccept" in typed : given.autoAccept}
        />
        <details open={special || errorAt(problem, "ports") !== null}>
          <summary className="cursor-pointer text-muted">{t("discovery.form.more")}</summary>
          <div className="mt-3 space-y-4">
            <TextField
              label={t("discovery.form.ports")}
              hint={t("discovery.form.portsHint")}
              name="ports"
              autoComplete="off"
              defaultValue={typed?.ports ?? options.ports.join(", ")}
              error={errorAt(problem, "ports")}
            />
            <TextField
              label={t("discovery.form.concurrency")}
              hint={t("discovery.form.concurrencyHint")}
              name="concurrency"
              type="number"
              min={1}
              max={4096}
              className="w-40"
              defaultValue={typed?.concurrency ?? options.concurrency ?? ""}
              error={errorAt(problem, "options.concurrency")}
            />
            <Checkbox
              name="gpu"
              label={t("discovery.form.gpu")}
              hint={t("discovery.form.gpuHint")}
              defaultChecked={typed ? "gpu" in typed : options.gpu}
            />
            <Checkbox
              name="includeEdges"
              label={t("discovery.form.edges")}
              defaultChecked={typed ? "includeEdges" in typed : given.includeEdges}
            />
          </div>
        </details>
      </div>
    </Panel>
  )
}

function When({ given, problem }: Part) {
  const t = useT()
  const typed = problem?.values
  const options = [
    ...(given.scheduleId === null ? [{ value: "once", label: t("discovery.form.once") }] : []),
    { value: "hours", label: t("discovery.form.hours") },
    { value: "daily", label: t("discovery.form.daily") },
  ]
  return (
    <Panel title={t("discovery.form.when")}>
      <div className="space-y-4">
        <Choice
          label={t("discovery.form.repeat")}
          name="repeat"
          options={options}
          defaultValue={typed?.repeat ?? given.repeat}
        />
        <div className="flex flex-wrap gap-4">
          <TextField
            label={t("discovery.form.everyHours")}
            name="everyHours"
            type="number"
            min={1}
            max={720}
            className="w-28"
            defaultValue={typed?.everyHours ?? given.everyHours ?? "24"}
            error={errorAt(problem, "everyHours")}
          />
          <TextField
            label={t("discovery.form.dailyAt")}
            hint={t("discovery.form.dailyAtHint")}
            name="dailyAt"
            type="time"
            className="w-56"
            defaultValue={typed?.dailyAt ?? given.dailyAt ?? "06:00"}
            error={errorAt(problem, "dailyAt")}
          />
        </div>
      </div>
    </Panel>
  )
}
