import type { ActOutcome, DriverContext } from "../driver.ts"
import { verifiedWrite } from "../verified-write.ts"
import { withSession } from "./session.ts"
import { type LuxState, readState } from "./settings.ts"

/** The red light blinks, or is the machine's own again. */
export function setLed(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<LuxState>({
    context,
    ran: `ledset red ${on ? "blink" : "auto"}`,
    read: () => readState(context),
    isSo: ({ blinking }) => blinking === on,
    shown: ({ blinking }) => ({ blink: blinking }),
    send: () => withSession(context, (session) => session.send("ledset", ["red", on ? "blink" : "auto"])),
    told: on ? "the red light blinks" : "the red light is the machine's own again",
  })
}
