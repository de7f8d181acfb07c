import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { text } from "../transport/coerce.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { acceptedWrite, verifiedWrite } from "../verified-write.ts"
import { flat, optional } from "./identify.ts"
import { type Command, sendWrite } from "./send.ts"

/** The red light in quick flashes, ms: the pattern that vendors' tools locate a machine with. */
export const LOCATE = { color: "red", period: 200, duration: 100, start: 0 } as const
const AUTO = "auto"

/** A light of its own is on; null: the machine does not tell. */
async function readLight(context: DriverContext): Promise<Outcome<boolean | null>> {
  const info = await optional(rpcSession(context).read("get_miner_info"))
  if (!info.ok) return info
  const state = text(flat(info.value)?.ledstat, 256)
  return ok(state === null ? null : state.toLowerCase() !== AUTO)
}

export async function setLight(context: DriverContext, identity: Identity, on: boolean): Promise<ActOutcome> {
  const command: Command = on ? { cmd: "set_led", ...LOCATE } : { cmd: "set_led", param: AUTO }
  const send = () => sendWrite(context, identity, command)
  const told = on ? "the red light flashes" : "the light shows the machine's own state"
  const first = await readLight(context)
  if (!first.ok) return { ok: false, fault: first.fault, sent: false }
  if (first.value === null)
    return acceptedWrite({
      ran: command.cmd,
      send,
      message: `The miner accepted it: ${told}. It does not tell how its light is.`,
    })
  return verifiedWrite({
    context,
    ran: command.cmd,
    read: () => readLight(context),
    isSo: (lit) => lit === on,
    shown: (lit) => ({ blink: lit }),
    send,
    told,
  })
}
