import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, Driver, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { POOL_SLOTS } from "../pool-slots.ts"
import type { Row } from "../transport/reply.ts"
import { planned } from "./change-conf.ts"
import { changerOf } from "./change-legacy.ts"
import { type ConfChange, confWords, isSo, MODE_NUMBERS } from "./conf.ts"
import { webDialect } from "./dialect.ts"
import { getWeb } from "./web.ts"

const PWM = /^(?:100|[1-9]?\d)$/

/**
 * Posts pools, mode, fans and level of a backup again. Every other key keeps its present value, above all the network:
 * a machine with another one's address is lost.
 */
export function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
  capabilities: Driver["capabilities"],
): Promise<ActOutcome> {
  return changerOf(webDialect(identity.model))(context, (_words, conf) => {
    const change = changeOf(identity, settings, conf, capabilities)
    if (!change.ok) return change
    const parts = [
      change.value.pools && "pools",
      change.value.mode !== undefined && "power mode",
      change.value.fan && "fans",
      change.value.levelPct !== undefined && "frequency level",
    ].filter(Boolean)
    const note = "The network settings stay as they are."
    return planned(change.value, `${parts.join(", ")} are those of the backup`, note)
  })
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
  capabilities: Driver["capabilities"],
): Promise<Outcome<boolean | null>> {
  const conf = await getWeb(context, "get_miner_conf")
  if (!conf.ok) return conf
  const change = changeOf(identity, settings, conf.value, capabilities)
  return ok(change.ok ? isSo(confWords(conf.value), change.value) : null)
}

/** Refuses what this machine cannot be set to: a backup is data that lay somewhere for months. */
function changeOf(
  identity: Identity,
  settings: MinerSettings,
  conf: Row,
  capabilities: Driver["capabilities"],
): Outcome<ConfChange> {
  const { config, passwords } = settings
  if (config.family !== identity.family)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  const raw = config.raw.get_miner_conf
  if (typeof raw !== "object" || raw === null)
    return fault("unsupported", "The backup holds no configuration that could be posted.")
  const saved = confWords(raw as Row)
  const present = confWords(conf)
  const change: ConfChange = {}

  if (config.pools.length > 0) {
    if (
      config.pools.length > POOL_SLOTS ||
      (passwords.length > 0 && passwords.length !== config.pools.length)
    )
      return fault("unsupported", "The backup's passwords do not fit its pools.")
    change.pools = Array.from({ length: POOL_SLOTS }, (_, slot) => ({
      url: config.pools[slot]?.url ?? "",
      user: config.pools[slot]?.user ?? "",
      pass: passwords[slot] ?? "",
    }))
  }
  const legacy = webDialect(identity.model) === "legacy"
  if (legacy && (saved.modeNumber !== present.modeNumber || saved.levelPct !== present.levelPct))
    return fault(
      "unsupported",
      "The backup's power mode or frequency level is not set by this older web interface.",
    )
  if (!legacy && saved.mode !== null) {
    const can = capabilities(identity).can(`POWER_MODE.${saved.mode}`)
    if (!can.ok) return can
    change.mode = MODE_NUMBERS[saved.mode]
  } else if (!legacy && saved.modeNumber !== null && saved.modeNumber !== present.modeNumber)
    return fault("unsupported", `The backup's mode ${saved.modeNumber} is not set: images disagree about it.`)
  if (saved.fan !== null && present.fan !== null) {
    const pwm = String((raw as Row)["bitmain-fan-pwm"] ?? "")
    const manual = saved.fan.mode !== "auto"
    if (manual && !PWM.test(pwm)) return fault("unsupported", "The backup's fan speed is no per cent.")
    change.fan = PWM.test(pwm) ? { manual, pwm } : { manual }
  }
  if (!legacy && saved.levelPct !== null && present.levelPct !== null) {
    if (saved.levelPct > 100 || saved.levelPct < 1)
      return fault("unsupported", `The backup's frequency level of ${saved.levelPct} % is not set.`)
    change.levelPct = saved.levelPct
  }
  return Object.keys(change).length > 0
    ? ok(change)
    : fault("unsupported", "The backup holds nothing that could be restored.")
}
