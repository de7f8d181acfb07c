import type { MinerError } from "#server/contract/telemetry.ts"
import { number } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { figures, isRaised, words } from "./mm-text.ts"

/** Bits of `ECHU` (one value a board) and `ECMM` (the controller), from the table of error codes. */
const BITS: readonly (readonly [bit: number, meaning: string, todo: string])[] = [
  [1, "idle", "wait for it to start, or restart mining"],
  [2, "a checksum failed between controller and board", "reseat the board's cable"],
  [4, "no fan is found", "check the fans and their plugs"],
  [8, "locked", "reboot the miner"],
  [16, "its command queue ran over", "restart mining"],
  [32, "its receive buffer ran over", "restart mining"],
  [64, "too hot", "cool the room, clean fans and heat sinks"],
  [128, "it was too hot before", "watch its temperature"],
  [256, "its chips are not found in a loop", "reseat the board's cable, then replace the board"],
  [512, "the core test failed", "reboot; replace the board if it comes again"],
  [1024, "its power or microcontroller is not valid", "replace the board"],
  [2048, "its power is not good", "check the power supply and its cables"],
  [4096, "a temperature sensor failed", "replace the board"],
  [8192, "its input voltage is wrong", "check the power supply and the mains"],
  [16384, "its core voltage is wrong", "check the power supply; replace the board"],
  [32768, "a checksum failed at its power unit", "reboot the miner"],
  [65536, "a clock of its chips is not valid", "restart mining"],
  [131072, "it failed", "reboot; replace the board if it comes again"],
]
const IDLE = 1

/** Every finding of the vendor's string, with its meaning and what to do. A machine at rest is not blamed for idling. */
export function mapErrors(mm: Row, mining: boolean): MinerError[] {
  const errors: MinerError[] = []
  const add = (code: string, message: string) => void errors.push({ code, message })
  if (isRaised(mm.ECHU))
    for (const [board, value] of words(mm.ECHU, 16).entries())
      bitErrors(`ECHU${board}`, `Board ${board}`, value, mining, add)
  if (isRaised(mm.ECMM))
    for (const value of words(mm.ECMM, 1)) bitErrors("ECMM", "Controller", value, mining, add)
  if (flagged(mm.POWS)) add("POWS", "The power supply reports a fault: check it, its cables and the mains.")
  if (isRaised(mm.HASHS))
    for (const [board, value] of words(mm.HASHS, 16).entries())
      if (flagged(value))
        add(`HASHS${board}`, `Board ${board} reports a fault: reseat its cable, then replace it.`)
  if (flagged(mm.POOLS)) add("POOLS", "No pool is reached: check the pools' addresses and the network.")
  const fan = number(mm.FanErr)
  if (fan !== null && fan !== 0)
    add(`FanErr:${fan}`, "A fan is faulty: check the fans and replace the one that stands still.")
  powerSupply(mm.PS, add)
  return errors
}

type Add = (code: string, message: string) => void

function bitErrors(code: string, who: string, value: string, mining: boolean, add: Add): void {
  const sum = number(value)
  if (sum === null || sum <= 0 || sum >= 2 ** 31) return
  for (const [bit, meaning, todo] of BITS)
    if ((sum & bit) !== 0 && (bit !== IDLE || mining)) add(`${code}:${bit}`, `${who}: ${meaning}; ${todo}.`)
  const unknown = sum & ~BITS.reduce((all, [bit]) => all | bit, 0)
  if (unknown !== 0) add(`${code}:${unknown}`, `${who}: an error that is not documented.`)
}

function powerSupply(value: unknown, add: Add): void {
  const readings = figures(value, 9)
  if (readings.length < 4) return
  if (readings.every((each) => each === 0))
    add("PS:0", "The power supply does not answer: check its data cable.")
  else if (readings[0] !== null && readings[0] !== 0)
    add(
      `PS:${readings[0]}`,
      `The power supply reports error ${readings[0]}: check it, its cables and the mains.`,
    )
}

const flagged = (value: unknown): boolean => {
  const flag = number(value)
  return flag !== null && flag !== 0
}
