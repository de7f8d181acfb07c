import type { SimulatedMiner } from "../../miner.ts"
import type { Answer } from "../../rpc-protocol.ts"
import { traits } from "./rows.ts"

/** The envelope of everything that cgminer did not have. */
export function flat(
  miner: SimulatedMiner,
  severity: "S" | "E",
  code: number,
  message: string | Record<string, unknown>,
): Answer {
  const { api, apiVersion } = traits(miner)
  const Description = api === "v1" ? apiVersion : ""
  return { body: { STATUS: severity, When: Math.floor(miner.nowS()), Code: code, Msg: message, Description } }
}
