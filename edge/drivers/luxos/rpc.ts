import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { readEach } from "../transport/read-each.ts"
import { type Row, rows } from "../transport/reply.ts"
import { type RpcSession, rpcSession } from "../transport/rpc-session.ts"

/** LuxOS's own reads on port 4028, beside cgminer's. */
const READS: ReadonlySet<string> = new Set(
  "temps fans power profiles events atm tempctrl groups session".split(" "),
)
/** Every write that this driver sends. `kill` is not among them: it ends anybody's session. */
export const WRITES: ReadonlySet<string> = new Set(
  (
    "logon logoff curtail resetminer rebootdevice ledset profileset powertargetset fanset tempctrlset atmset " +
    "addpool removepool switchpool"
  ).split(" "),
)

export const luxRpc = (context: DriverContext): RpcSession =>
  rpcSession(context, { reads: READS, newline: true })

type Section = "config" | "fans" | "profiles" | "atm" | "tempctrl" | "groups" | "pools"

/** The rows of the sections asked for; empty where the firmware does not know one. Without `config` it is no LuxOS. */
export async function readSections<Name extends Section>(
  context: DriverContext,
  names: readonly Name[],
): Promise<Outcome<Record<Name, Row[]>>> {
  const replies = await readEach(luxRpc({ ...context, retry: [] }), names)
  if (!replies.ok) return replies
  const out = {} as Record<Name, Row[]>
  for (const [at, name] of names.entries()) {
    const reply = replies.value[at]
    if (name === "config" && !reply) return fault("unsupported", "The machine does not tell its settings.")
    out[name] = reply ? rows(reply.body, name.toUpperCase()) : []
  }
  return ok(out)
}
