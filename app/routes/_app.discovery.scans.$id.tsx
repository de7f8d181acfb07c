import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { ConfirmAction } from "#app/components/confirm-action.tsx"
import { DiscoveredTable } from "#app/components/discovered-table.tsx"
import { ScanProgress, ScanState, ScanTargets } from "#app/components/scan-progress.tsx"
import { positive, uuidOf } from "#app/lib/discovery-query.ts"
import { formatCount } from "#app/lib/format.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { Definitions } from "#app/ui/definitions.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago, Exact } from "#app/ui/time.tsx"
import { listCollectors } from "#server/collectors/list-collectors.ts"
import { DomainError } from "#server/contract/errors.ts"
import { cancelScan } from "#server/discovery/cancel-scan.ts"
import { listDiscovered } from "#server/discovery/list-discovered.ts"
import { readScan } from "#server/discovery/read-scan.ts"

export const meta: MetaFunction = () => pageTitle("discovery.scans")

const MACHINES = 25

/** `?page=` turns the list of devices that are no known miners. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params, url }) => {
    const scanId = scanIdOf(params.id)
    const read = await readScan(ctx, {
      scanId,
      page: positive(url.searchParams.get("page") ?? undefined) ?? 1,
    })
    const [found, collectors] = await Promise.all([
      listDiscovered(ctx, { scanId, pageSize: MACHINES }),
      listCollectors(ctx),
    ])
    const collector = collectors.find((one) => one.id === read.scan.deviceId)
    return { ...read, found: { rows: found.rows, total: found.total }, silent: collector?.state === "silent" }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, params }) => {
    const t = translator("en")
    const scanId = scanIdOf(params.id)
    const { state } = await cancelScan(ctx, { scanId })
    const text = state === "cancelled" ? t("discovery.scan.cancelled") : t("discovery.scan.cancelling")
    return redirectWithNotice(`/discovery/scans/${scanId}`, { text })
  })
}

function scanIdOf(text: string | undefined): string {
  const id = uuidOf(text)
  if (id === null) throw new DomainError("NOT_FOUND", translator("en")("shell.errors.NOT_FOUND.body"))
  return id
}

export default function Scan() {
  const { scan, unknown, found, can, silent } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const open = scan.endedAt === null
  return (
    <>
      <PageHeader
        trail={[{ to: "/discovery", label: t("discovery.title") }]}
        title={
          <>
            <ScanTargets targets={scan.targets} /> <ScanState state={scan.state} />
          </>
        }
        note={
          <>
            <Link to={`/collectors/${scan.deviceId}`} className="link">
              {scan.deviceName}
            </Link>
            , {scan.siteName}
          </>
        }
        actions={
          can.manage ? (
            open ? (
              <ConfirmAction
                button={t("discovery.scan.cancel")}
                title={t("discovery.scan.cancelTitle")}
                fields={{ intent: "cancel" }}
                problem={problem}
                submit={t("discovery.scan.cancel")}
                dismiss={t("discovery.scan.keepOn")}
              >
                <p>{t("discovery.scan.cancelBody")}</p>
              </ConfirmAction>
            ) : (
              <ButtonLink to={`/discovery/new?scan=${scan.id}`}>{t("discovery.scan.again")}</ButtonLink>
            )
          ) : null
        }
      />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="min-w-0 space-y-4">
          {open && silent ? <Alert tone="warn">{t("discovery.scan.waits")}</Alert> : null}
          {scan.error ? <Alert tone="bad">{scan.error}</Alert> : null}
          <Panel>
            <ScanProgress scan={scan} />
          </Panel>
          <Panel
            title={t("discovery.scan.machines")}
            aside={
              found.total > 0 ? (
                <Link to={`/discovery?scan=${scan.id}`} className="link">
                  {t("discovery.found", { count: found.total })}
                </Link>
              ) : null
            }
            flush
          >
            {found.rows.length === 0 ? (
              <p className="p-3 text-muted">
                {open ? t("discovery.scan.machinesSoFar") : t("discovery.scan.machinesNone")}
              </p>
            ) : (
              <>
                <DiscoveredTable rows={found.rows} showCollector={false} />
                <div className="border-t border-line p-3">
                  <ButtonLink to={`/discovery?scan=${scan.id}`} look="primary">
                    {t("discovery.scan.openInbox")}
                  </ButtonLink>
                </div>
              </>
            )}
          </Panel>
          <UnknownDevices unknown={unknown} />
        </div>
        <Facts scan={scan} />
      </div>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function Facts({ scan }: Pick<Page, "scan">) {
  const t = useT()
  const zone = scan.timezone
  const { ports, gpu } = scan.options
  const portWords = [
    ports.length > 0 ? ports.join(", ") : t("discovery.scan.portsDefault"),
    gpu ? t("discovery.scan.portsGpu") : null,
  ]
  const items = [
    {
      term: t("discovery.scan.asked"),
      value: (
        <>
          <Exact at={scan.requestedAt} zone={zone} />{" "}
          {scan.requesterName ? t("discovery.by", { name: scan.requesterName }) : t("discovery.bySchedule")}
        </>
      ),
    },
    { term: t("discovery.scan.begun"), value: <Ago at={scan.startedAt} zone={zone} /> },
    { term: t("discovery.scan.ended"), value: <Ago at={scan.endedAt} zone={zone} /> },
    { term: t("discovery.scan.addresses"), value: formatCount(scan.total) },
    { term: t("discovery.scan.ports"), value: portWords.filter(Boolean).join(" ") },
    { term: t("discovery.scan.closed"), value: formatCount(scan.closed) },
    { term: t("discovery.scan.absent"), value: formatCount(scan.absent) },
    {
      term: t("discovery.scan.autoAccept"),
      value: scan.autoAccept ? t("discovery.scan.autoAcceptOn") : t("discovery.scan.autoAcceptOff"),
    },
  ]
  return (
    <Panel title={t("discovery.scan.facts")}>
      <Definitions items={items} />
    </Panel>
  )
}

function UnknownDevices({ unknown }: Pick<Page, "unknown">) {
  const t = useT()
  return (
    <Panel title={t("discovery.scan.unknown")} flush>
      {unknown.total === 0 ? (
        <p className="p-3 text-muted">{t("discovery.scan.unknownNone")}</p>
      ) : (
        <>
          <p className="border-b border-line px-3 py-2 text-xs text-muted">
            {t("discovery.scan.unknownNote")}
          </p>
          <Table label={t("discovery.scan.unknown")}>
            <thead>
              <tr>
                <Th>{t("discovery.column.address")}</Th>
                <Th>{t("discovery.scan.seen")}</Th>
              </tr>
            </thead>
            <tbody>
              {unknown.rows.map((row) => (
                <Tr key={row.address}>
                  <Td className="whitespace-nowrap font-mono text-xs">{row.address}</Td>
                  <Td className="break-words">{row.seen.join("; ")}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
          <Pagination page={unknown.page} pageSize={unknown.pageSize} total={unknown.total} />
        </>
      )}
    </Panel>
  )
}
