import type { Door } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import type { AntminerTraits } from "./profiles.ts"
import { answerAntminer } from "./rpc.ts"
import { actOf, admitAntminer, answerAntminerWeb, isUpload } from "./web.ts"

const legacy = (miner: SimulatedMiner) => (miner.profile as Machine & AntminerTraits).generation === "legacy"
const ACTS = new Set(["restart", "switchpool"])

export const antminerDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerAntminer,
    mayJoin: (miner) => miner.joins ?? legacy(miner),
    nulTerminated: true,
    isAct: (miner, { command }) => miner.privileged && ACTS.has(command),
  },
  {
    kind: "web",
    port: 80,
    admit: admitAntminer,
    answer: answerAntminerWeb,
    actOf: (_miner, request) => actOf(request),
    isUpload,
  },
]
