import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { axeBoard } from "./boards.ts"
import { getAsic, getInfo, INFO } from "./web.ts"

export const FAMILY = "axeos"
export const NERD_FAMILY = "nerdqaxe"
export const MAKE = "Bitaxe"

/** One request tells AxeOS and the Nerd fork apart; a board that the table lacks is asked for its name. */
export async function identify(context: DriverContext): Promise<Outcome<Identity>> {
  const info = await getInfo(context)
  if (!info.ok) return info
  const known = identityOf(info.value)
  if (known === null) return fault("unsupported", "This is no AxeOS: it does not tell its chip.")
  if (known.family === NERD_FAMILY || (known.model !== null && !isChipName(known.model))) return ok(known)
  const asic = await getAsic(context)
  return ok({ ...known, model: (asic.ok ? text(asic.value.deviceModel, 128) : null) ?? known.model })
}

const isChipName = (model: string) => /^BM\d+$/i.test(model)

/** `deviceModel` stands in the info of the Nerd fork only; Lucky Miners name themselves `minerModel`. */
export function identityOf(info: Row): Identity | null {
  const chip = text(info.ASICModel, 64)
  const device = text(info.deviceModel, 128)
  const lucky = text(info.minerModel, 128)
  if (chip === null && device === null && lucky === null) return null
  const nerd = device !== null && /^(?:Nerd|Q13)/i.test(device)
  const board = text(info.boardVersion, 32)
  return {
    family: nerd ? NERD_FAMILY : FAMILY,
    make: nerd ? "NerdQAxe" : lucky !== null ? "Lucky Miner" : MAKE,
    model: nerd ? device : (lucky ?? axeBoard(board)?.model ?? device ?? chip),
    firmware: nerd ? "ESP-Miner NerdQAxe+" : "AxeOS",
    firmwareVersion: text(info.version, 128),
    mac: mac(info.macAddr),
    serial: null,
    confidence: 1,
    evidence: [`${INFO}: ${[device ?? lucky, chip, board].filter(Boolean).join(" ")}`],
  }
}
