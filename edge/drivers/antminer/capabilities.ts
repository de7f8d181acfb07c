import type { CommandFeature } from "#server/contract/commands.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Capabilities, Identity } from "../driver.ts"
import { webDialect } from "./dialect.ts"
import { antminerFacts } from "./models.ts"

type Facts = { name: string; model: string | null; legacy: boolean; fans: number | null }
/** Why a machine cannot, a sentence; null: it can. */
type Judge = (facts: Facts) => string | null

/** S19 and T19 with all their letters; low power is not on the S21 and T21. */
const X19 = /^[ST]19(?![0-9])/i

const always: Judge = () => null
const newWeb =
  (what: string): Judge =>
  ({ name, legacy }) =>
    legacy ? `The older web interface of ${name} ${what}.` : null
const never =
  (why: string): Judge =>
  ({ name }) =>
    `${name}: ${why}.`

const sleep = newWeb("has no sleep mode, so mining cannot be paused or resumed")
const fan: Judge = ({ name, fans }) => (fans === 0 ? `${name} is built without fans.` : null)
const immersion: Judge = (facts) => fan(facts) ?? newWeb("is not known to let its fans stand still")(facts)
const eco: Judge = (facts) => {
  if (facts.legacy) return sleep(facts)
  if (facts.model === null)
    return `${facts.name} does not tell its model; low power exists on the S19 and T19.`
  return X19.test(facts.model) ? null : `${facts.name} has no low power mode; the S19 and T19 have one.`
}

const JUDGES: Record<CommandFeature, Judge> = {
  "REBOOT.soft": newWeb("cannot restart mining without touching settings; reboot the machine instead"),
  "REBOOT.hard": always,
  ENABLE: sleep,
  DISABLE: sleep,
  "POWER_MODE.normal": sleep,
  "POWER_MODE.sleep": sleep,
  "POWER_MODE.eco": eco,
  "POWER_MODE.high": never("its images disagree about what mode 2 means, so high power is not set"),
  "POWER_MODE.limit": never("the stock firmware takes no power limit in watts"),
  CHANGE_POOL: always,
  SET_FREQ: newWeb("has no frequency levels"),
  "THERMAL_POLICY.auto": fan,
  "THERMAL_POLICY.manual": fan,
  "THERMAL_POLICY.immersion": immersion,
  LED: always,
  BACKUP_CONFIG: always,
  RESTORE_CONFIG: always,
  UPDATE_FIRMWARE: newWeb("takes its firmware by another form; update it by hand"),
  SET_LOGIN: newWeb("changes its password by another form; change it by hand"),
}

/** What a stock Antminer can do, by its model and its image's web interface. */
export function capabilities(identity: Identity): Capabilities {
  const { model, firmwareVersion } = identity
  const facts: Facts = {
    name: `Antminer${model === null ? "" : ` ${model}`} (${firmwareVersion ?? "firmware not told"})`,
    model,
    legacy: webDialect(model) === "legacy",
    fans: antminerFacts(model)?.fans ?? null,
  }
  const judge = (feature: CommandFeature): Outcome<true> => {
    const why = JUDGES[feature](facts)
    return why === null ? ok(true) : fault("unsupported", why)
  }
  return { can: judge }
}
