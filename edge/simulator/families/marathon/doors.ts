import type { Door } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Answer, CommandRequest } from "../../rpc-protocol.ts"
import { answerAntminer } from "../antminer/rpc.ts"
import { traits } from "./config.ts"
import { actOf, admit, answerWeb } from "./web.ts"

export const marathonDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerMarathon,
    mayJoin: () => false,
    nulTerminated: true,
    isAct: () => false,
  },
  { kind: "web", port: 80, admit, answer: answerWeb, actOf: (_miner, request) => actOf(request) },
]

/** As bmminer, but for the name in `version`. */
function answerMarathon(miner: SimulatedMiner, request: CommandRequest): Answer {
  const answer = answerAntminer(miner, request)
  const { VERSION } = answer.body as Record<string, Record<string, unknown>[] | undefined>
  if (VERSION?.[0]) VERSION[0].Miner = `kaonsu ${miner.firmwareVersion ?? traits(miner).kaonsuVersion}`
  return answer
}
