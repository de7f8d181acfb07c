import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import { DRIVER_FAMILIES, type DriverFamily, FAMILY_NAMES } from "#server/contract/families.ts"
import type { FamilySupport } from "#server/contract/support.ts"
import { SAMPLE_FIELDS, type TelemetrySample } from "#server/contract/telemetry.ts"
import type { Identity, Reading } from "../driver.ts"
import { driverFor } from "../registry.ts"
import { simulatedFloor } from "../test/simulated.ts"
import { addressOf, MACHINES } from "./machines.ts"

type Seen = { identity: Identity; reading: Reading }

/** Asks every simulated machine what it is, how it is and what it can: the support matrix. */
export async function supportMatrix(recorded: (family: DriverFamily) => string[]): Promise<FamilySupport[]> {
  const floor = await simulatedFloor(
    MACHINES.map((machine) => ({ ...machine.spec, address: addressOf(machine), profile: machine.profile })),
  )
  try {
    const seen = new Map<DriverFamily, Seen[]>()
    for (const machine of MACHINES) {
      const identity = await floor.known(addressOf(machine))
      const reading = await driverFor(identity.family)!.read(floor.at(addressOf(machine)), identity)
      if (!reading.ok) throw new Error(`${machine.profile}: ${reading.fault.message}`)
      const list = seen.get(machine.family) ?? []
      list.push({ identity, reading: reading.value })
      seen.set(machine.family, list)
    }
    return DRIVER_FAMILIES.filter((family) => seen.has(family)).map((family) =>
      supportOf(family, seen.get(family)!, recorded(family)),
    )
  } finally {
    await floor.close()
  }
}

function supportOf(family: DriverFamily, machines: Seen[], recorded: string[]): FamilySupport {
  return {
    family,
    name: FAMILY_NAMES[family],
    simulated: simulatedOf(machines),
    recorded,
    reads: SAMPLE_FIELDS.filter((field) =>
      machines.some(({ reading }) => isTold(field, (reading as Partial<TelemetrySample>)[field])),
    ) as FamilySupport["reads"],
    features: Object.fromEntries(
      COMMAND_FEATURES.map((feature) => {
        const answers = machines.map(({ identity }) => ({
          identity,
          can: driverFor(identity.family)!.capabilities(identity).can(feature),
        }))
        const able = answers.filter(({ can }) => can.ok).length
        const refused = answers.find(({ can }) => !can.ok)
        const why =
          refused === undefined || refused.can.ok ? null : reason(refused.can.fault.message, refused.identity)
        return [feature, { can: able === answers.length ? "yes" : able > 0 ? "some" : "no", why }]
      }),
    ) as FamilySupport["features"],
  }
}

/** Models once, though two of them play two releases of a firmware. */
function simulatedOf(machines: Seen[]): FamilySupport["simulated"] {
  const listed = machines.map(({ identity: { make, model, firmware } }) => ({ make, model, firmware }))
  const same = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other)
  return listed.filter((each, at) => listed.findIndex((other) => same(each, other)) === at)
}

/** An empty list of errors is what a healthy machine tells. */
const isTold = (field: string, value: unknown) =>
  value != null && (field === "errors" || !(Array.isArray(value) && value.length === 0))

/** Without the unit's name in front, which a table has in its first column. */
function reason(message: string, identity: Identity): string {
  const own = message.startsWith(identity.make) ? message.indexOf("): ") : -1
  const bare = own < 0 ? message : message.slice(own + 3)
  return bare.charAt(0).toUpperCase() + bare.slice(1)
}
