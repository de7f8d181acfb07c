import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { verifiedWrite } from "../verified-write.ts"
import { ask, optionMissing, set } from "./ascset.ts"
import { generationOf, isHome } from "./models.ts"
import { readSettings } from "./settings.ts"

/** The light to find the machine by, read back. */
export async function setLight(context: DriverContext, identity: Identity, on: boolean): Promise<ActOutcome> {
  const missing = await optionMissing(context, identity, "led")
  if (missing !== null) return missing
  const lamp = generationOf(identity.model) === "a13" ? 0 : 1
  return verifiedWrite<boolean>({
    context,
    ran: `ascset 0,led,${lamp}-${on ? 1 : 0}`,
    read: () => readLight(context, identity),
    isSo: (lit) => lit === on,
    shown: (lit) => ({ light: lit }),
    send: () => set(context, `led,${lamp}-${on ? 1 : 0}`),
    told: `the light is ${on ? "on" : "off"}`,
  })
}

/** A-series show it among their statistics; home models are asked. */
async function readLight(context: DriverContext, identity: Identity): Promise<Outcome<boolean>> {
  if (!isHome(generationOf(identity.model))) {
    const settings = await readSettings(context, identity)
    if (!settings.ok) return settings
    if (settings.value.light !== null) return ok(settings.value.light)
  }
  const told = await ask(context, "0,led,1-255")
  if (!told.ok) return told
  const lit = /(\d)\D*$/.exec(told.value)?.[1]
  return lit === undefined
    ? fault("garbled", "The miner does not tell whether its light is on.")
    : ok(lit === "1")
}
