import type { ActOutcome, DriverContext } from "../driver.ts"
import { boolean } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { getPage, postPage } from "./web.ts"

/** The page takes its boolean as a text. */
export function blink(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<Row>({
    context,
    ran: `blink.cgi ${on ? "on" : "off"}`,
    read: () => getPage(context, "get_blink_status"),
    isSo: (status) => boolean(status.blink) === on,
    shown: (status) => ({ blink: boolean(status.blink) }),
    send: () => postPage(context, "blink", { blink: on ? "true" : "false" }),
    told: `the light is ${on ? "on" : "off"}`,
  })
}
