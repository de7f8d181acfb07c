import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { acceptedWrite } from "../verified-write.ts"
import { sendWrite } from "./send.ts"

export const FAN_TOLD = {
  immersion: "the fans may stand still",
  auto: "the fans run by temperature",
} as const
export const ONLY_WHILE_COOL = "Its firmware stops them only while the machine is cool."

/** Whether the fans may stop is written and cannot be read on port 4028. */
export async function setFan(
  context: DriverContext,
  identity: Identity,
  { fan_mode }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  if (fan_mode === "manual") return notDone("unsupported", "A WhatsMiner takes no fan speed.")
  const still = fan_mode === "immersion"
  return acceptedWrite({
    ran: "set_fan_zero_speed",
    send: () =>
      sendWrite(context, identity, { cmd: "set_fan_zero_speed", fan_zero_speed: still ? "1" : "0" }),
    message: `The miner accepted it: ${FAN_TOLD[fan_mode]}.${still ? ` ${ONLY_WHILE_COOL}` : ""} It does not tell this setting.`,
  })
}
