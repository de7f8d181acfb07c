import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { actBy, capabilitiesBy } from "../act-table.ts"
import type { Driver, DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { boolean } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { sentByHttp, verifiedWrite } from "../verified-write.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { mapPanel } from "./map.ts"
import { ICERIVER, postLocate, readPanel } from "./web.ts"

const READ_ONLY = "how its web interface is told to do this is not documented"
const capabilities = (identity: Identity) => capabilitiesBy(identity, { LED: true }, READ_ONLY)

/** One request. */
async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const started = performance.now()
  const panel = await readPanel(context)
  if (!panel.ok) return panel
  if (!["rtpow", "boards", "softver1", "pools", "mac"].some((key) => key in panel.value))
    return fault("garbled", "The panel holds nothing that this machine tells of itself.")
  const latencyMs = performance.now() - started
  return ok(completeReading(context, identity, mapPanel(panel.value, identity.model), latencyMs))
}

const locate = (context: DriverContext, on: boolean) =>
  verifiedWrite<Row>({
    context,
    ran: `userpanel post=5 locate=${on ? 1 : 0}`,
    read: () => readPanel(context),
    isSo: (data) => boolean(data.locate) === on,
    shown: (data) => ({ light: boolean(data.locate) }),
    send: async () => sentByHttp(await postLocate(context, on)),
    told: `the light is ${on ? "on" : "off"}`,
  })

/** IceRiver KS and AL: a web panel behind a cookie. It is read, and its light switched. */
export const iceriverDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: ICERIVER.factory.username,
  identify: (context) => identify(context),
  read,
  capabilities,
  act: actBy(
    { LED: (context, _identity, { parameters }) => locate(context, parameters.state === "on") },
    capabilities,
  ),
}
