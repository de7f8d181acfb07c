import type { MinerError } from "#server/contract/telemetry.ts"
import { text } from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"

const MEANINGS: Readonly<Record<string, string>> = {
  "1002": "The firmware cannot read its configuration; set its pools again or reset it.",
}
const LOOK = "See the miner's log."

/** A failure of the whole machine, by its number and words, and of single chains by theirs. */
export function vnishErrors(miner: Row): MinerError[] {
  const status = objectAt(miner, "miner_status")
  const errors: MinerError[] = []
  const code = text(status.failure_code, 32)
  const failed = /failure/i.test(String(status.miner_state ?? "")) || (code !== null && code !== "0")
  if (failed) {
    const said = text(status.description, 300)
    const meaning = (code === null ? undefined : MEANINGS[code]) ?? LOOK
    errors.push({ code: code ?? "failure", message: `${said ?? "Mining failed"}. ${meaning}` })
  }
  for (const chain of listAt(miner, "chains", 16)) {
    const state = objectAt(chain, "status")
    if (!/fail|error/i.test(String(state.state ?? ""))) continue
    const said = text(state.description, 300) ?? "it does not work"
    errors.push({ code: "chain", message: `Board ${text(chain.id, 8) ?? "?"}: ${said}. ${LOOK}` })
  }
  return errors
}
