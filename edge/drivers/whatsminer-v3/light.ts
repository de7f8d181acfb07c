import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { text } from "../transport/coerce.ts"
import { verifiedWrite } from "../verified-write.ts"
import { LOCATE } from "../whatsminer/light.ts"
import { sendSet } from "./send.ts"
import { frameSession, member } from "./session.ts"

const AUTO = "auto"

/** A light of its own is on; null: the machine does not tell. */
async function readLight(context: DriverContext): Promise<Outcome<boolean | null>> {
  const info = await frameSession(context).read("get.device.info")
  if (!info.ok) return info
  const state = text(member(info.value.msg, "system").ledstatus, 512)
  return ok(state === null ? null : state.toLowerCase() !== AUTO)
}

export function setLight(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite({
    context,
    ran: "set.system.led",
    read: () => readLight(context),
    isSo: (lit) => lit === on,
    shown: (lit) => ({ blink: lit }),
    send: () => sendSet(context, { cmd: "set.system.led", param: on ? [LOCATE] : AUTO }),
    told: on ? "the red light flashes" : "the light shows the machine's own state",
  })
}
