import type { MinerError } from "#server/contract/telemetry.ts"
import { number, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"

/** By `error_code`: what it means, and what to do. */
const LOOK_AT_POOL = "Check address, worker and network of the pools."
const LOOK_AT_BOARD = "Reseat the board and its cable; if it stays, have the board looked at."
const LOOK_AT_PSU = "Check mains and connectors; if it stays, replace the power supply."
const COOL = "Check fans, filters and the temperature of the inlet air."

const CODES: Readonly<Record<string, readonly [meaning: string, todo: string]>> = {
  LowHashRate: ["The hashrate is low", "Look at boards and temperatures."],
  OverHeat: ["The rig is too hot", COOL],
  InsufficientCooling: ["The cooling does not suffice", COOL],
  PoolConnectionFailure: ["No pool can be reached", LOOK_AT_POOL],
  PoolConfigMissing: ["No pool is set", "Set pools."],
  MiningStoppedDueToPhaseImbalance: ["Mining stopped: the phases are out of balance", LOOK_AT_PSU],
  PSURecoveryInProgress: ["The power supply recovers", "Wait; if it comes again, look at the power supply."],
  NetworkError: ["The network fails", "Check cable and switch."],
  FirmwareUpdateFailure: ["The firmware update failed", "Try it again with a file for this rig."],
  FanHardware: ["A fan has failed", "Replace the fan."],
  FanSlow: ["A fan is slower than it should be", "Clean or replace the fan."],
  SetFanSpeedFailed: ["A fan does not take its speed", "Check its connector."],
  FanConnectedInImmersion: [
    "A fan is connected though the rig is set to immersion",
    "Unplug it, or set the fans to auto.",
  ],
  HbOverHeat: ["A board is too hot", COOL],
  HbCommunication: ["A board does not answer", LOOK_AT_BOARD],
  CommTasksNotInitialized: ["The line to a board is not up", LOOK_AT_BOARD],
  InvalidAddWorkResponse: ["A board answers work with nonsense", LOOK_AT_BOARD],
  InvalidMetadataResponse: ["A board tells nonsense of itself", LOOK_AT_BOARD],
  MissingCommChannel: ["A board has no line", LOOK_AT_BOARD],
  CommandTimeout: ["A board did not answer in time", LOOK_AT_BOARD],
  TaskCommunicationError: ["The line to a board fails", LOOK_AT_BOARD],
  CommsAlive: ["A board lost its line", LOOK_AT_BOARD],
  HbOverVoltage: ["A board has too much voltage", LOOK_AT_PSU],
  HbOverCurrent: ["A board draws too much current", LOOK_AT_BOARD],
  AsicOverHeat: ["A chip is too hot", COOL],
  PowerLost: ["A board lost its power", LOOK_AT_PSU],
  AsicEnumeration: ["Chips of a board are missing", LOOK_AT_BOARD],
  HbUnderVoltage: ["A board has too little voltage", LOOK_AT_PSU],
  AsicNotHashing: ["A chip does not hash", LOOK_AT_BOARD],
  AsicEcc: ["A chip corrects memory errors", "Watch it."],
  AsicUnderHeat: ["A chip is too cold", "Let it warm up; check the temperature of the inlet air."],
  PsuOutputUnderVoltage: ["A power supply gives too little voltage", LOOK_AT_PSU],
  PsuOutputOverVoltage: ["A power supply gives too much voltage", LOOK_AT_PSU],
  PsuOutputFailure: ["A power supply gives nothing", LOOK_AT_PSU],
  PsuOutputOverCurrent: ["A power supply gives too much current", LOOK_AT_PSU],
  PsuOverTemperature: ["A power supply is too hot", COOL],
  PsuInputUnderVoltage: ["The mains voltage is too low", LOOK_AT_PSU],
  PsuInputOverVoltage: ["The mains voltage is too high", LOOK_AT_PSU],
  PsuInputOverCurrent: ["A power supply draws too much current", LOOK_AT_PSU],
  PsuNoInputVoltage: ["A power supply has no mains", LOOK_AT_PSU],
  PsuPowerNoGood: ["A power supply is not ready", LOOK_AT_PSU],
  PsuCommLost: ["A power supply does not answer", LOOK_AT_PSU],
  PsuFans: ["A power supply's fan fails", LOOK_AT_PSU],
  PsuInput: ["A power supply's input is not well", LOOK_AT_PSU],
  PsuUnderTemperature: ["A power supply is too cold", "Let it warm up."],
}

/** `/errors`: a list, on some firmware inside an object. */
export function protoErrors(given: unknown): MinerError[] | null {
  const list = Array.isArray(given) ? given : ((given ?? {}) as Row).errors
  if (!Array.isArray(list)) return null
  return list
    .slice(0, 64)
    .filter((each): each is Row => typeof each === "object" && each !== null)
    .map((each) => {
      const code = text(each.error_code ?? each.code, 64) ?? "unknown"
      const known = Object.hasOwn(CODES, code) ? CODES[code]! : null
      const source = text(each.source, 32)
      const slot = number(each.slot)
      const where =
        source === null || source === "rig" ? "" : ` (${source}${slot === null ? "" : ` ${slot}`})`
      const said = text(each.message, 300)
      return known === null
        ? {
            code,
            message: `${said ?? "The rig reports an error that is not in our table"}${where}`.slice(0, 512),
          }
        : { code, message: `${known[0]}${where}. ${known[1]}` }
    })
}
