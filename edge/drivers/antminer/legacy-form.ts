import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Row } from "../transport/reply.ts"
import { type ConfChange, confWords } from "./conf.ts"

/**
 * The form by which the X17 and older are set. It takes all settings at once and resets those that it is not given, so
 * every field goes back as it was read, and a machine with a setting that the form has no field for is left alone.
 */
type Field = { field: string; key: string; absent: string | null }
/** `absent`: what stands in the page of a machine that does not tell it; null: the machine has no such setting. */
const FIELDS: readonly Field[] = [
  { field: "_ant_nobeeper", key: "bitmain-nobeeper", absent: "false" },
  { field: "_ant_notempoverctrl", key: "bitmain-notempoverctrl", absent: "false" },
  { field: "_ant_fan_customize_switch", key: "bitmain-fan-ctrl", absent: "false" },
  { field: "_ant_fan_customize_value", key: "bitmain-fan-pwm", absent: "" },
  { field: "_ant_freq", key: "bitmain-freq", absent: null },
  { field: "_ant_voltage", key: "bitmain-voltage", absent: null },
]
const KNOWN = new Set(FIELDS.map(({ key }) => key))
/** The page writes these itself, the same on every machine. */
const FIXED = /^(?:pools|api-(?:listen|network|groups|allow)|bitmain-use-vil)$/
/** What a setting is that was never made; a reset changes nothing of it. */
const NEVER_MADE: ReadonlySet<unknown> = new Set(["", "0", 0, false, null])

/** Settings that the form would lose. */
export function lostByForm(conf: Row): string[] {
  return Object.keys(conf).filter((key) => !FIXED.test(key) && !KNOWN.has(key) && !NEVER_MADE.has(conf[key]))
}

export function legacyForm(conf: Row, change: ConfChange): Outcome<URLSearchParams> {
  const lost = lostByForm(conf)
  if (lost.length > 0) {
    const names = lost.slice(0, 6).map((key) => key.slice(0, 40))
    return fault(
      "unsupported",
      `The form of this older web interface would reset what it has no field for: ${names.join(", ")}.`,
    )
  }
  const form = new URLSearchParams()
  for (const [slot, pool] of (change.pools ?? confWords(conf).pools).entries()) {
    form.set(`_ant_pool${slot + 1}url`, pool.url)
    form.set(`_ant_pool${slot + 1}user`, pool.user)
    form.set(`_ant_pool${slot + 1}pw`, pool.pass)
  }
  for (const { field, key, absent } of FIELDS) {
    const value = conf[key]
    if (["string", "number", "boolean"].includes(typeof value)) form.set(field, String(value))
    else if (absent !== null) form.set(field, absent)
  }
  const { fan } = change
  if (fan !== undefined) form.set("_ant_fan_customize_switch", String(fan.manual))
  if (fan?.pwm !== undefined) form.set("_ant_fan_customize_value", fan.pwm)
  return ok(form)
}
