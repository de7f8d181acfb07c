import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { maskSecrets } from "../mask-secrets.ts"
import { ANY_PASSWORD } from "../pool-slots.ts"
import { boolean, number, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { type Cooling, coolingBody, coolingOf, getCooling, isCooled } from "./cooling.ts"
import { FAMILY } from "./identify.ts"
import { powerMode } from "./map.ts"
import { arePools, getPools, setPools, shownPools } from "./pools.ts"
import { getProto, writeProto } from "./web.ts"

/** What of `mining/target` is a setting; the rest are its limits. */
const TARGET_KEYS = ["power_target_watts", "performance_mode", "balance_bays", "hash_on_disconnect"] as const

/** Reads only. The rig tells no passwords. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const pools = await getPools(context)
  if (!pools.ok) return pools
  const cooling = await getCooling(context)
  if (!cooling.ok) return cooling
  const target = await getProto(context, "mining/target")
  if (!target.ok && target.fault.kind !== "unsupported") return target
  const network = await getProto(context, "network")
  if (!network.ok && network.fault.kind !== "unsupported") return network
  const net = network.ok ? objectAt(network.value, "network-info") : null
  const fan = coolingOf(cooling.value)
  const named = shownPools(pools.value).pools.filter(({ url }) => url !== "")
  const config = minerConfigurationSchema.safeParse({
    family: FAMILY,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools: named,
    power_mode: target.ok ? (powerMode(null, target.value) ?? null) : null,
    frequency_mhz: null,
    frequency_level_pct: null,
    voltage_v: null,
    fan: fan === null ? null : { mode: fan.mode, speed_pct: fan.speedPct },
    network:
      net === null
        ? null
        : {
            dhcp: boolean(net.dhcp),
            hostname: text(net.hostname, 255),
            ip_address: text(net.ip_address ?? net.ip, 64),
            netmask: text(net.netmask, 64),
            gateway: text(net.gateway, 64),
            dns: [],
          },
    raw: maskSecrets({
      pools: pools.value,
      cooling: cooling.value,
      ...(target.ok ? { target: target.value } : {}),
    }),
  } satisfies MinerConfiguration)
  return config.success
    ? ok({ config: config.data, passwords: named.map(() => "") })
    : fault("garbled", "The rig's configuration holds values that no backup can carry.")
}

type Saved = { pools: { url: string; user: string; pass: string }[]; cooling: Cooling | null; target: Row }

/** Pools, cooling and power target of a backup, one after the other; never the network. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const saved = savedOf(identity, settings)
  if (!saved.ok) return { ok: false, fault: saved.fault, sent: false }
  const { pools, cooling, target } = saved.value
  const steps: (() => Promise<ActOutcome>)[] = []
  if (pools.length > 0)
    steps.push(() =>
      setPools(
        context,
        pools,
        "the pools are those of the backup",
        settings.passwords.every((password) => password === "")
          ? `The backup holds no passwords of pools: where pools change, "${ANY_PASSWORD}" is set.`
          : "The network settings stay as they are.",
      ),
    )
  if (cooling !== null)
    steps.push(() =>
      verifiedWrite({
        context,
        ran: "PUT cooling",
        read: () => getCooling(context),
        isSo: (now) => isCooled(now, cooling),
        shown: (now) => ({ fan: coolingOf(now) }),
        send: () => writeProto(context, "PUT", "cooling", coolingBody(cooling)),
        told: "the cooling is that of the backup",
      }),
    )
  if (Object.keys(target).length > 0)
    steps.push(() =>
      verifiedWrite({
        context,
        ran: "PUT mining/target",
        read: () => getProto(context, "mining/target"),
        isSo: (now) => isTarget(now, target),
        shown: settingsOf,
        send: () => writeProto(context, "PUT", "mining/target", target),
        told: "power target and mode are those of the backup",
      }),
    )
  return steps.length === 0
    ? { ...fault("unsupported", "The backup holds nothing that could be restored."), sent: false }
    : inTurn("restore", steps)
}

function settingsOf(target: Row): Row {
  return Object.fromEntries(TARGET_KEYS.filter((key) => target[key] != null).map((key) => [key, target[key]]))
}

const isTarget = (now: Row, wanted: Row) =>
  Object.entries(wanted).every(([key, value]) =>
    typeof value === "number" ? number(now[key]) === value : now[key] === value,
  )

function savedOf(identity: Identity, { config, passwords }: MinerSettings): Outcome<Saved> {
  if (config.family !== FAMILY)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  if (passwords.length > 0 && passwords.length !== config.pools.length)
    return fault("unsupported", "The backup's passwords do not fit its pools.")
  const cooling = objectAt(config.raw, "cooling")
  return ok({
    pools: config.pools.map((pool, at) => ({ ...pool, pass: passwords[at] || ANY_PASSWORD })),
    cooling: coolingOf(cooling),
    target: settingsOf(objectAt(config.raw, "target")),
  })
}

/** Whether the rig has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const saved = savedOf(identity, { ...settings, passwords: [] })
  if (!saved.ok) return ok(null)
  const { pools, cooling, target } = saved.value
  const now = await getPools(context)
  if (!now.ok) return now
  if (pools.length > 0 && !arePools(now.value, pools)) return ok(false)
  const cooled = await getCooling(context)
  if (!cooled.ok) return cooled
  if (cooling !== null && !isCooled(cooled.value, cooling)) return ok(false)
  if (Object.keys(target).length === 0) return ok(true)
  const told = await getProto(context, "mining/target")
  return told.ok ? ok(isTarget(told.value, target)) : told
}
