import type { ActOutcome, DriverContext } from "../driver.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { getInfo, postRestart, writeAxe } from "./web.ts"

const SETTINGS = "/api/system"
/** The board is a slow one: after the first look it gets two seconds each. */
const LOOKS_MS = [0, 2_000, 2_000]

export type Store = {
  context: DriverContext
  isSo: (info: Row) => boolean
  shown: (info: Row) => Record<string, unknown>
  /** The keys to store, from what the machine tells now. */
  patch: (info: Row) => Row
  told: string
  note?: string
  /** Whether what is stored only counts from the next start: `info` is as it was before. */
  restart: boolean | ((info: Row) => boolean)
}

/**
 * Stores settings, reads them back, and restarts the board where they count only then. "200" means stored; the board
 * shows the stored value at once, whatever it works with.
 */
export async function store(steps: Store): Promise<ActOutcome> {
  const { context, isSo, shown, told, note } = steps
  let first: Row = {}
  const stored = await verifiedWrite<Row>({
    context,
    ran: "PATCH /api/system",
    read: () => getInfo(context),
    isSo,
    shown,
    send: (info) => {
      first = info
      return writeAxe(context, "PATCH", SETTINGS, steps.patch(info))
    },
    told,
    ...(note === undefined ? {} : { note }),
    looksMs: LOOKS_MS,
  })
  const restarts = typeof steps.restart === "boolean" ? steps.restart : steps.restart(first)
  if (!restarts || !stored.ok || stored.value.already) return stored
  const report = stored.value
  const pending = (why: string): ActOutcome => ({
    ok: true,
    value: {
      ...report,
      message: `${report.message} It counts from its next start: restart it. ${why}`,
      verified: false,
    },
  })
  if (!report.verified) return pending("It was not restarted, since it could not be read back.")
  const end = await postRestart(context)
  if (end.kind === "refused") return pending(`It did not take the restart: ${end.message}.`)
  // A board that goes down may cut the line before it has answered.
  if (end.kind === "unsent" || (end.kind === "lost" && end.fault.kind !== "busy"))
    return pending(end.fault.message)
  return {
    ok: true,
    value: {
      ...report,
      ran: `${report.ran}, POST /api/system/restart`,
      message: `${report.message} It restarts to work with it.`,
    },
  }
}
