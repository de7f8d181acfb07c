import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { boolean } from "../transport/coerce.ts"
import { verifiedWrite } from "../verified-write.ts"
import { FAN_TOLD, ONLY_WHILE_COOL } from "../whatsminer/fan.ts"
import { sendSet } from "./send.ts"
import { frameSession } from "./session.ts"

/** Whether the fans may stand still; null: the machine does not tell. */
export async function readFansMayStop(context: DriverContext): Promise<Outcome<boolean | null>> {
  const setting = await frameSession(context).optional("get.fan.setting")
  return setting.ok ? ok(boolean(setting.value?.msg["fan-zero-speed"])) : setting
}

export async function setFan(
  context: DriverContext,
  { fan_mode }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  if (fan_mode === "manual") return notDone("unsupported", "A WhatsMiner takes no fan speed.")
  return letFansStop(context, fan_mode === "immersion")
}

export function letFansStop(context: DriverContext, mayStop: boolean): Promise<ActOutcome> {
  return verifiedWrite({
    context,
    ran: `set.fan.zero_speed ${mayStop ? 1 : 0}`,
    read: () => readFansMayStop(context),
    isSo: (may) => may === mayStop,
    shown: (may) => ({ fans_may_stop: may }),
    send: () => sendSet(context, { cmd: "set.fan.zero_speed", param: mayStop ? 1 : 0 }),
    told: mayStop ? FAN_TOLD.immersion : FAN_TOLD.auto,
    ...(mayStop ? { note: ONLY_WHILE_COOL } : {}),
    slowToShow: true,
  })
}
