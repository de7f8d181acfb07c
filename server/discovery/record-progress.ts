import type { Transaction } from "#db/client.ts"
import { selectDecidable } from "#db/queries/discovered.ts"
import { markGone, selectNewOfScan, selectUnseen } from "#db/queries/discovered-record.ts"
import { type Scan, updateScan } from "#db/queries/discovery-scans.ts"
import { type AddressRange, mergeRanges, parseAddressRange } from "#server/contract/address-ranges.ts"
import type { ScanProgressReport } from "#server/contract/discovery.ts"
import { DomainError } from "#server/contract/errors.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { acceptRows } from "./accept-rows.ts"

/**
 * Keeps how a scan stands. At its end: new machines that it should have seen and did not are gone, and what it found is
 * accepted where the scan was asked to do so. A scan that is over stays as it ended.
 */
export async function recordProgress(
  tx: Transaction,
  ctx: Context,
  scan: Scan,
  report: ScanProgressReport,
): Promise<void> {
  if (scan.endedAt !== null && scan.state !== "interrupted") return
  const at = ctx.now()
  const ended = report.state !== "running"
  await updateScan(tx, scan.id, {
    state: ended ? report.state : scan.state === "cancelling" ? "cancelling" : "running",
    startedAt: scan.startedAt ?? at,
    progressAt: at,
    endedAt: ended ? at : null,
    // A collector that lost its disk ends a scan of which it knows nothing more.
    ...(report.total === 0 ? {} : countsOf(scan, report)),
    error: report.error,
  })
  if (report.state !== "done") return
  await forgetUnseen(tx, scan)
  if (scan.autoAccept) await acceptByItself(tx, ctx, scan)
}

function countsOf(scan: Scan, report: ScanProgressReport) {
  const { found, unknown, closed, absent, per_second: perSecond } = report
  return { done: Math.min(report.done, scan.total), found, unknown, closed, absent, perSecond }
}

async function forgetUnseen(tx: Transaction, scan: Scan): Promise<void> {
  if (scan.startedAt === null) return
  const unseen = await selectUnseen(tx, scan.deviceId, scan.startedAt)
  if (unseen.length === 0) return
  const ranges = mergeRanges(
    scan.ranges.map((text) => parseAddressRange(text)).filter((one) => typeof one !== "string"),
  )
  const gone = unseen.filter((row) => within(ranges, row.addressNumber)).map((row) => row.id)
  await markGone(tx, gone)
}

function within(ranges: AddressRange[], address: number): boolean {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const range = ranges[middle] as AddressRange
    if (address < range.from) high = middle - 1
    else if (address > range.to) low = middle + 1
    else return true
  }
  return false
}

/** As the system: a person decided so when he asked for the scan. What does not fit stays in the inbox, and the scan says why. */
async function acceptByItself(tx: Transaction, ctx: Context, scan: Scan): Promise<void> {
  const ids = await selectNewOfScan(tx, scan.id)
  if (ids.length === 0) return
  const rows = await selectDecidable(tx, { kind: "sites", siteIds: [scan.siteId] }, { ids }, true)
  const system: Context = { ...ctx, actor: { kind: "system", name: "discovery" }, source: "automatic" }
  try {
    // A part of its own: a refusal must not undo what the scan found.
    await tx.transaction((part) =>
      acceptRows(part as Transaction, system, {
        siteId: scan.siteId,
        rows,
        decisionId: crypto.randomUUID(),
        automatic: true,
      }),
    )
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    await updateScan(tx, scan.id, { error: `Not accepted by itself: ${error.message}`.slice(0, 500) })
    await writeAudit(tx, system, {
      action: "discovery.accept-refused",
      siteId: scan.siteId,
      subjectType: "scan",
      subjectId: scan.id,
      details: { machines: rows.length, reason: error.message },
    })
  }
}
