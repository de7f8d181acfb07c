import type { Door } from "../../door.ts"
import { answerCgminer } from "./rpc.ts"

const ACTS = new Set(["restart", "switchpool"])

export const cgminerDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerCgminer,
    mayJoin: (miner) => miner.joins ?? true,
    nulTerminated: true,
    isAct: (miner, { command }) => miner.privileged && ACTS.has(command),
  },
]
