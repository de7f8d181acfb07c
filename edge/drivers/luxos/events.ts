import type { MinerError } from "#server/contract/telemetry.ts"
import { number, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"

/** What to do about the events that are known; the vendor's list grows, so a code without a line stands for itself. */
const ADVICE: Readonly<Record<string, string>> = {
  NOPIC_PROTECTION: "Check the control board's model and the cables to the boards.",
  REBOOT_NOT_HASHING: "Check the board's power and data cables; swap the board if it comes back.",
  REBOOT_OVERTEMP: "Check fans, filters and the air around the machine.",
}

/**
 * Events are history, kept over restarts: only those of the present run count. `nowS` and `elapsedS` are the machine's
 * own, so that a wrong clock does no harm; without them nothing can be told from the past.
 */
export function presentEvents(
  events: readonly Row[],
  nowS: number | null,
  elapsedS: number | null,
): MinerError[] {
  if (nowS === null || elapsedS === null) return []
  const errors: MinerError[] = []
  for (const event of events) {
    const atS = Date.parse(String(event.CreatedAt)) / 1000
    if (!Number.isFinite(atS) || atS < nowS - elapsedS) continue
    const code = text(event.Code, 64)
    if (code === null) continue
    const board = event.Target === "BOARD" ? number(event.ID) : null
    const where = board === null ? "" : ` Board ${board}.`
    const advice = ADVICE[code] === undefined ? "" : ` ${ADVICE[code]}`
    errors.push({ code, message: `${text(event.Description, 300) ?? code}${where}${advice}`.slice(0, 512) })
  }
  return errors
}
