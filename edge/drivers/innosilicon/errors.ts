import type { MinerError } from "#server/contract/telemetry.ts"
import { count } from "../transport/coerce.ts"

const BOARD = "Reseat the board's cables; if it comes back, have the board repaired."
const SUPPLY = "Check the power supply and its cables; if it comes back, replace it."

const MEANINGS: Readonly<Record<number, string>> = {
  21: `A board is not plugged in. ${BOARD}`,
  22: `The power supply does not answer. ${SUPPLY}`,
  23: `No board's bus answers. ${BOARD}`,
  24: `Some boards' buses do not answer. ${BOARD}`,
  25: "A frequency could not be set. Restart the machine; lower the frequency if it comes back.",
  26: "A voltage could not be set. Restart the machine; check the power supply if it comes back.",
  27: `Chips failed their self-test. ${BOARD}`,
  28: `A board's bus is disturbed. ${BOARD}`,
  29: `The power supply does not answer. ${SUPPLY}`,
  30: "No pool is reached. Check network and pool addresses.",
  31: "Chips are damaged. Have the board repaired.",
  32: "It is too hot. Check fans, dust and the air that comes in.",
  33: `A board is faulty. ${BOARD}`,
  34: "The boards' cables are in the wrong order. Plug them in as the maker shows.",
  35: `The power supply gives no power. ${SUPPLY}`,
  36: `A board is faulty. ${BOARD}`,
  37: "Control board and hash boards do not belong together. Use boards of one model.",
  40: `The power supply's output is not as it should be. ${SUPPLY}`,
  41: `The power supply's output is not as it should be. ${SUPPLY}`,
  42: `A board is faulty. ${BOARD}`,
}

/** `getErrorDetail`: one code or several; 0 and nothing are no error. */
export function innosiliconErrors(told: unknown): MinerError[] {
  const list = Array.isArray(told) ? told.slice(0, 32) : [told]
  return list.flatMap((each) => {
    const code = count(each)
    if (code === null || code === 0) return []
    return [
      {
        code: String(code),
        message: MEANINGS[code] ?? "The machine reports an error that is not documented.",
      },
    ]
  })
}
