import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { ANY_PASSWORD, type PoolEntry } from "../pool-slots.ts"
import { type Row, rows } from "../transport/reply.ts"
import { type SentWrite, verifiedWrite } from "../verified-write.ts"
import { FAMILY } from "./identify.ts"
import { arePools, type LuxPool, readPools, replacePools } from "./pools.ts"
import { withSession } from "./session.ts"
import { type LuxState, readState, stateOf } from "./settings.ts"

/** What a backup sets again; absent: it does not tell. The network is never among it, nor whether the machine sleeps. */
type Wanted = {
  pools: PoolEntry[]
  state: LuxState
}
type Now = { state: LuxState; pools: LuxPool[] }
type Step = { name: string; isSo: (now: Now) => boolean; command: string; args: string[] }

/** Fans, limits, ATM and profile, then the pools; only what differs is written. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const wanted = wantedOf(identity, settings)
  if (!wanted.ok) return { ...wanted, sent: false }
  const steps = stepsOf(wanted.value)
  const { pools } = wanted.value
  const names = [...new Set(steps.map(({ name }) => name)), ...(pools.length > 0 ? ["pools"] : [])]
  const hidden = pools.length > 0 && settings.passwords.every((password) => password === "")
  return verifiedWrite<Now>({
    context,
    ran: "settings of a backup",
    read: () => readNow(context),
    isSo: (now) => isAll(now, wanted.value),
    shown: ({ state, pools: present }) => ({
      profile: state.profile,
      fan_mode: state.fan.mode,
      atm: state.atm,
      pools: present.map(({ url, user }) => ({ url, user })),
    }),
    send: (now) =>
      withSession(context, async (session): Promise<SentWrite> => {
        for (const step of steps.filter((each) => !each.isSo(now))) {
          const sent = await session.send(step.command, step.args)
          if (sent.kind !== "accepted") return sent
        }
        return pools.length === 0 || arePools(now.pools, pools)
          ? { kind: "accepted" }
          : replacePools(context, session, { add: pools, remove: now.pools, use: true })
      }),
    told: `${names.join(", ")} are those of the backup`,
    note: `The network settings stay as they are.${
      hidden ? ` LuxOS tells no pool passwords, so new pools have "${ANY_PASSWORD}".` : ""
    }`,
  })
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const wanted = wantedOf(identity, settings)
  if (!wanted.ok) return ok(null)
  const now = await readNow(context)
  return now.ok ? ok(isAll(now.value, wanted.value)) : now
}

const isAll = (now: Now, wanted: Wanted): boolean =>
  stepsOf(wanted).every((step) => step.isSo(now)) &&
  (wanted.pools.length === 0 || arePools(now.pools, wanted.pools))

async function readNow(context: DriverContext): Promise<Outcome<Now>> {
  const state = await readState(context)
  if (!state.ok) return state
  const pools = await readPools(context)
  return pools.ok ? ok({ state: state.value, pools: pools.value }) : pools
}

function wantedOf(identity: Identity, { config, passwords }: MinerSettings): Outcome<Wanted> {
  if (config.family !== FAMILY)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  if (passwords.length > 0 && passwords.length !== config.pools.length)
    return fault("unsupported", "The backup's passwords do not fit its pools.")
  const raw = config.raw as Row
  const section = (name: string) => rows(raw, name)
  if (section("config").length === 0)
    return fault("unsupported", "The backup holds no settings that could be written.")
  const state = stateOf({
    config: section("config"),
    fans: section("fans"),
    tempctrl: section("tempctrl"),
    atm: section("atm"),
  })
  const pools = config.pools.map(({ url, user }, slot) => ({
    url,
    user,
    pass: passwords[slot] || ANY_PASSWORD,
  }))
  return ok({ pools, state })
}

function stepsOf({ state }: Wanted): Step[] {
  const { fan, thermal, atm, power, profile } = state
  const { target, hot, dangerous } = thermal
  const steps: Step[] = []
  const speed = fan.mode === "auto" ? -1 : fan.mode === "manual" ? fan.speedPct : null
  if (speed !== null && speed >= -1 && speed <= 100)
    steps.push({
      name: "fans",
      isSo: ({ state: now }) =>
        speed === -1 ? now.fan.mode === "auto" : now.fan.mode === "manual" && now.fan.speedPct === speed,
      command: "fanset",
      args: [`speed=${speed}`],
    })
  if (target !== null && hot !== null && dangerous !== null && target <= hot && hot <= dangerous)
    steps.push({
      name: "temperature limits",
      isSo: ({ state: { thermal: now } }) =>
        now.target === target && now.hot === hot && now.dangerous === dangerous,
      command: "tempctrlset",
      args: [target, hot, dangerous].map(String),
    })
  // ATM off goes before the profile, or it would undo it; ATM on follows it.
  const atmStep: Step[] =
    atm === null
      ? []
      : [
          {
            name: "ATM",
            isSo: ({ state: now }) => now.atm === atm,
            command: "atmset",
            args: [`enabled=${atm}`],
          },
        ]
  if (atm === false) steps.push(...atmStep)
  if (profile !== null && !/^[0-3]$|,/.test(profile))
    steps.push({
      name: "profile",
      isSo: ({ state: now }) => now.profile === profile,
      command: "profileset",
      args: [profile],
    })
  if (power !== null)
    steps.push({
      name: "power target",
      isSo: ({ state: now }) => now.power?.target === power.target,
      command: "powertargetset",
      args: [String(power.target)],
    })
  return atm === true ? [...steps, ...atmStep] : steps
}
