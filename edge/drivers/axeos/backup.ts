import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { maskSecrets } from "../mask-secrets.ts"
import { ANY_PASSWORD, EMPTY_POOL, type PoolEntry } from "../pool-slots.ts"
import { boolean, mhz, number, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { type FanChange, fanPatch, isFan } from "./fan.ts"
import { needsRestart, shownClock } from "./frequency.ts"
import { arePools, entriesOf, type PoolChange, poolPatch, shownPools } from "./pools.ts"
import { fanOf, SLOTS } from "./settings.ts"
import { store } from "./store.ts"
import { getInfo } from "./web.ts"

/** What `/api/system/info` shows of settings; the rest of it are measurements. */
const SETTING =
  /^(?:stratum|fallbackStratum|useFallback|primaryPool|secondaryPool|pools$|frequency$|coreVoltage$|autofanspeed|fanspeed$|manualFanSpeed|minFanSpeed|minimumFanSpeed|temptarget|pid|overheat_temp|overclockEnabled|hostname|ssid|display|rotation|invert|flip|statsFrequency|jobInterval|vrFrequency|boardVersion|ASICModel|deviceModel)/i

/** Reads only. The machine tells no passwords. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const read = await getInfo(context)
  if (!read.ok) return read
  const info = read.value
  const fan = fanOf(info)
  const millivolts = mhz(info.coreVoltage)
  const { pools } = shownPools(info)
  const config = minerConfigurationSchema.safeParse({
    family: identity.family,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools,
    power_mode: null,
    frequency_mhz: mhz(info.frequency),
    frequency_level_pct: null,
    voltage_v: millivolts === null ? null : millivolts / 1000,
    fan: fan === null ? null : { mode: fan.mode, speed_pct: fan.speedPct },
    network: {
      dhcp: null,
      hostname: text(info.hostname, 255),
      ip_address: text(info.ipv4 ?? info.hostip, 64),
      netmask: null,
      gateway: null,
      dns: [],
    },
    raw: { info: maskSecrets(Object.fromEntries(Object.entries(info).filter(([key]) => SETTING.test(key)))) },
  } satisfies MinerConfiguration)
  return config.success
    ? ok({ config: config.data, passwords: pools.map(() => "") })
    : fault("garbled", "The machine's configuration holds values that no backup can carry.")
}

type Wanted = {
  pools: PoolChange
  anyPassword: boolean
  frequency: number | null
  millivolts: number | null
  fan: FanChange | null
}

/** Pools, frequency, voltage and fan of a backup; never host name or Wi-Fi. A pool that is as it was keeps its password. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const info = await getInfo(context)
  if (!info.ok) return { ok: false, fault: info.fault, sent: false }
  const wanted = wantedOf(identity, settings, info.value)
  if (!wanted.ok) return { ok: false, fault: wanted.fault, sent: false }
  const patch = patchOf(wanted.value, settings, info.value)
  if (!patch.ok) return { ok: false, fault: patch.fault, sent: false }
  const note = wanted.value.anyPassword
    ? `The backup holds no passwords of pools; "${ANY_PASSWORD}" is set. Host name and Wi-Fi stay as they are.`
    : "Host name and Wi-Fi stay as they are."
  return store({
    context,
    isSo: (now) => isRestoredTo(now, wanted.value),
    shown: (now) => ({ ...shownPools(now), ...shownClock(now), fan: fanOf(now) }),
    patch: () => patch.value,
    told: "pools, frequency, core voltage and fan are those of the backup",
    note,
    restart: (now) => needsRestart(now) || !arePools(now, wanted.value.pools),
  })
}

function wantedOf(identity: Identity, { config, passwords }: MinerSettings, info: Row): Outcome<Wanted> {
  if (config.family !== identity.family)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  if (config.pools.length > SLOTS || (passwords.length > 0 && passwords.length !== config.pools.length))
    return fault("unsupported", "The backup's pools do not fit this machine's two slots.")
  const present = entriesOf(info)
  const pools: PoolChange = Array.from({ length: config.pools.length === 0 ? 0 : SLOTS }, (_, slot) => {
    const saved = config.pools[slot]
    if (saved === undefined) return EMPTY_POOL
    const now = present[slot]
    const same = now?.url === saved.url && now.user === saved.user
    return same && !passwords[slot] ? null : { ...saved, pass: passwords[slot] || ANY_PASSWORD }
  })
  const fan: FanChange | null =
    config.fan?.mode === "auto"
      ? { mode: "auto" }
      : config.fan?.mode === "manual" && isPercent(config.fan.speed_pct)
        ? { mode: "manual", speedPct: config.fan.speed_pct! }
        : null
  const millivolts = config.voltage_v === null ? null : Math.round(config.voltage_v * 1000)
  const wanted = {
    pools,
    anyPassword: pools.some(
      (pool: PoolEntry | null, slot) => pool !== null && pool.url !== "" && !passwords[slot],
    ),
    frequency: config.frequency_mhz === null ? null : Math.round(config.frequency_mhz),
    millivolts,
    fan,
  }
  return pools.length > 0 || wanted.frequency !== null || millivolts !== null || fan !== null
    ? ok(wanted)
    : fault("unsupported", "The backup holds nothing that could be restored.")
}

const isPercent = (value: number | null) => value !== null && value >= 0 && value <= 100

function patchOf(wanted: Wanted, { config }: MinerSettings, info: Row): Outcome<Row> {
  const pools = poolPatch(wanted.pools, info)
  if (!pools.ok) return pools
  const { frequency, millivolts, fan } = wanted
  const saved = config.raw.info as Row | undefined
  // Off the board's own list a frequency is only taken where the owner had switched overclocking on.
  const overclock = boolean(saved?.overclockEnabled) === true && boolean(info.overclockEnabled) === false
  return ok({
    ...pools.value,
    ...(overclock ? { overclockEnabled: 1 } : {}),
    ...(frequency === null ? {} : { frequency }),
    ...(millivolts === null ? {} : { coreVoltage: millivolts }),
    ...(fan === null ? {} : fanPatch(info, fan)),
  })
}

function isRestoredTo(info: Row, { pools, frequency, millivolts, fan }: Wanted): boolean {
  return (
    arePools(info, pools) &&
    (frequency === null || number(info.frequency) === frequency) &&
    (millivolts === null || number(info.coreVoltage) === millivolts) &&
    (fan === null || isFan(info, fan))
  )
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const info = await getInfo(context)
  if (!info.ok) return info
  const wanted = wantedOf(identity, { ...settings, passwords: [] }, info.value)
  return ok(wanted.ok ? isRestoredTo(info.value, wanted.value) : null)
}
