import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { type SentWrite, verifiedWrite } from "../verified-write.ts"
import { describeProfile, type LuxProfile, namable, nearest, profilesOf, rangeOf } from "./profiles.ts"
import { readSections } from "./rpc.ts"
import { type LuxSession, withSession } from "./session.ts"
import { type LuxState, powerModeOf, readState, stateOf } from "./settings.ts"

/** Of the watts of the factory's profile. */
const ECO_SHARE = 0.8
const HIGH_SHARE = 1.1

const shown = (state: LuxState) => ({ power_mode: powerModeOf(state), profile: state.profile })

/** `curtail`: boards and power supply off, or on again. It survives a reboot. */
export function curtail(context: DriverContext, asleep: boolean): Promise<ActOutcome> {
  return verifiedWrite<LuxState>({
    context,
    ran: asleep ? "curtail sleep" : "curtail wakeup",
    read: () => readState(context),
    isSo: (state) => state.asleep === asleep,
    shown,
    send: () => withSession(context, (session) => session.send("curtail", [asleep ? "sleep" : "wakeup"])),
    told: asleep ? "the machine sleeps, its boards switched off" : "the machine is awake",
    ...(asleep ? {} : { note: "It takes some minutes to come up to speed." }),
  })
}

export async function setPowerMode(
  context: DriverContext,
  parameters: ActionOf<"POWER_MODE">["parameters"],
): Promise<ActOutcome> {
  if ("power_limit_w" in parameters) return setPowerLimit(context, parameters.power_limit_w)
  const { mode } = parameters
  if (mode === "sleep") return curtail(context, true)
  const offered = await offers(context)
  if (!offered.ok) return { ...offered, sent: false }
  const profile = profileOfMode(offered.value.profiles, mode)
  if (!profile.ok) return { ...profile, sent: false }
  const told = `the power mode is ${mode}, by profile ${describeProfile(profile.value)}`
  return applyProfile(context, offered.value.state, profile.value, told)
}

/** Normal is the factory's profile; eco and high are those that come nearest to 80 and 110 % of its power. */
export function profileOfMode(
  profiles: readonly LuxProfile[],
  mode: "high" | "normal" | "eco",
): Outcome<LuxProfile> {
  const own = profiles.find(({ step, name }) => step === 0 || name === "default")
  if (own === undefined)
    return fault("unsupported", "The machine does not tell which of its profiles is the factory's.")
  if (mode === "normal") return ok(own)
  const side = profiles.filter(({ step }) => step !== null && (mode === "eco" ? step < 0 : step > 0))
  const share = mode === "eco" ? ECO_SHARE : HIGH_SHARE
  const found = own.watts === null ? null : nearest(side, "watts", own.watts * share)
  if (found !== null) return ok(found)
  return fault(
    "unsupported",
    `The machine offers no profile ${mode === "eco" ? "below" : "above"} its factory's.`,
  )
}

/** `powertargetset` where the machine keeps to watts, within its own range; else its strongest profile under the limit. */
async function setPowerLimit(context: DriverContext, limitW: number): Promise<ActOutcome> {
  const offered = await offers(context)
  if (!offered.ok) return { ...offered, sent: false }
  const { profiles, state } = offered.value
  if (state.power === null) {
    const under = profiles.filter(({ watts }) => watts !== null && watts <= limitW)
    const profile = nearest(under, "watts", limitW)
    const range = rangeOf(profiles, "watts")
    if (profile === null)
      return {
        ...fault(
          "unsupported",
          range === null
            ? "The machine tells no power for its profiles."
            : `${limitW} W are below the machine's profiles, which take ${range[0]} to ${range[1]} W.`,
        ),
        sent: false,
      }
    const told = `the profile is ${describeProfile(profile)}, its strongest within ${limitW} W`
    return applyProfile(context, state, profile, told)
  }
  const { min, max } = state.power
  if ((min !== null && limitW < min) || (max !== null && limitW > max))
    return {
      ...fault(
        "unsupported",
        `${limitW} W are outside the machine's range of ${min ?? "?"} to ${max ?? "?"} W.`,
      ),
      sent: false,
    }
  return verifiedWrite<LuxState>({
    context,
    ran: "powertargetset",
    read: () => readState(context),
    isSo: ({ power }) => power?.target === limitW,
    shown: ({ power }) => ({ power_limit_w: power?.target ?? null }),
    send: () => withSession(context, (session) => session.send("powertargetset", [String(limitW)])),
    told: `the power target is ${limitW} W`,
  })
}

/** The profile that comes nearest to a frequency, or the one that was named. */
export async function setFrequency(
  context: DriverContext,
  { frequency_mhz: wanted, profile: name }: ActionOf<"SET_FREQ">["parameters"],
): Promise<ActOutcome> {
  const offered = await offers(context)
  if (!offered.ok) return { ...offered, sent: false }
  const { profiles, state } = offered.value
  const named = profiles.find((profile) => profile.name.toLowerCase() === name?.toLowerCase())
  if (named !== undefined)
    return applyProfile(context, state, named, `the profile is ${describeProfile(named)}, as it was named`)
  const range = rangeOf(profiles, "mhz")
  const found = nearest(profiles, "mhz", wanted)
  if (range === null || found === null)
    return { ...fault("unsupported", "The machine tells no frequencies for its profiles."), sent: false }
  if (wanted < range[0] || wanted > range[1])
    return {
      ...fault(
        "unsupported",
        `${wanted} MHz are outside the machine's profiles of ${range[0]} to ${range[1]} MHz.`,
      ),
      sent: false,
    }
  const unknown = name === undefined ? "" : ` and no profile is called "${name}"`
  const told = `the profile is ${describeProfile(found)} (${wanted} MHz were asked for${unknown})`
  return applyProfile(context, state, found, told)
}

async function offers(context: DriverContext): Promise<Outcome<{ profiles: LuxProfile[]; state: LuxState }>> {
  const told = await readSections(context, ["config", "fans", "tempctrl", "atm", "profiles"])
  if (!told.ok) return told
  return ok({ profiles: namable(profilesOf(told.value.profiles)), state: stateOf(told.value) })
}

/** Wakes the machine if it sleeps, and keeps its own control of profiles from undoing the change. */
function applyProfile(
  context: DriverContext,
  present: LuxState,
  profile: LuxProfile,
  told: string,
): Promise<ActOutcome> {
  const stopsAtm = present.atm === true && present.profile !== profile.name && profile.step !== 0
  return verifiedWrite<LuxState>({
    context,
    ran: `profileset ${profile.name}`,
    read: () => readState(context),
    isSo: (state) => !state.asleep && state.profile === profile.name,
    shown,
    send: (state) => withSession(context, (session) => sendProfile(session, state, profile.name, stopsAtm)),
    told,
    ...(stopsAtm
      ? { note: "Its own choice of profiles by temperature (ATM) is off now, or it would undo this." }
      : {}),
  })
}

async function sendProfile(
  session: LuxSession,
  state: LuxState,
  name: string,
  stopAtm: boolean,
): Promise<SentWrite> {
  const steps: [wanted: boolean, command: string, argument: string][] = [
    [stopAtm, "atmset", "enabled=false"],
    [state.asleep, "curtail", "wakeup"],
    [state.profile !== name, "profileset", name],
  ]
  for (const [wanted, command, argument] of steps) {
    if (!wanted) continue
    const sent = await session.send(command, [argument])
    if (sent.kind !== "accepted") return sent
  }
  return { kind: "accepted" }
}
