import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { boolean } from "../transport/coerce.ts"
import { verifiedWrite } from "../verified-write.ts"
import { askGraphql, mutate } from "./graphql.ts"
import { getRest, writeRest } from "./rest.ts"
import { rowOf, unwrapped } from "./units.ts"

/** The light by which a machine is found. REST takes and tells a bare `true` or `false`. */
export function setLed(
  context: DriverContext,
  dialect: "rest" | "graphql",
  on: boolean,
): Promise<ActOutcome> {
  return verifiedWrite<boolean>({
    context,
    ran: dialect === "rest" ? `PUT actions/locate ${on}` : `bos.setFaultLight ${on}`,
    read: () => (dialect === "rest" ? readByRest(context) : readByGraphql(context)),
    isSo: (lit) => lit === on,
    shown: (lit) => ({ blink: lit }),
    send: () =>
      dialect === "rest"
        ? writeRest(context, "actions/locate", on)
        : mutate(context, `{bos{setFaultLight(enable:${on}){__typename}}}`),
    told: `the light is ${on ? "on" : "off"}`,
  })
}

async function readByRest(context: DriverContext): Promise<Outcome<boolean>> {
  const told = await getRest(context, "actions/locate")
  return told.ok ? litOf(unwrapped(told.value, "enabled")) : told
}

async function readByGraphql(context: DriverContext): Promise<Outcome<boolean>> {
  const told = await askGraphql(context, { bos: { faultLight: true } })
  return told.ok ? litOf(rowOf(told.value.bos).faultLight) : told
}

function litOf(value: unknown): Outcome<boolean> {
  const lit = boolean(value)
  return lit === null ? fault("garbled", "The machine does not tell whether its light is on.") : ok(lit)
}
