import type { Door } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine, Profile } from "../../profile.ts"
import { readMiner } from "../../reading.ts"
import type { Answer, CommandRequest } from "../../rpc-protocol.ts"
import { antminerDoors } from "../antminer/doors.ts"
import { answerAntminer } from "../antminer/rpc.ts"
import type { HiveonTraits } from "./profiles.ts"

/** The stock machine's doors; `version` names Hiveon, and `stats` holds the power of all boards. */
export function hiveonDoors(profile: Profile): readonly Door[] {
  const { web } = profile as Machine & HiveonTraits
  return antminerDoors
    .filter((door) => web || door.kind === "rpc")
    .map((door) => (door.kind === "rpc" ? { ...door, answer: answerHiveon } : door))
}

function answerHiveon(miner: SimulatedMiner, request: CommandRequest): Answer {
  const answer = answerAntminer(miner, request)
  const { VERSION, STATS } = answer.body as Record<string, Record<string, unknown>[] | undefined>
  const { hiveonVersion } = miner.profile as Machine & HiveonTraits
  if (VERSION?.[0]) VERSION[0].Miner = `hiveon ${hiveonVersion}`
  const flat = STATS?.find((row) => "chain_acn1" in row || "chain_acn6" in row)
  if (flat) flat.chain_power = `${readMiner(miner).powerW} W`
  return answer
}
