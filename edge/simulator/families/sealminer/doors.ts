import type { Door } from "../../door.ts"
import { answerSealminer, isAct } from "./rpc.ts"
import { actOf, admit, answer } from "./web.ts"

export const sealminerDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerSealminer,
    mayJoin: (miner) => miner.joins ?? true,
    nulTerminated: true,
    isAct,
  },
  { kind: "web", port: 80, admit, answer, actOf: (_miner, request) => actOf(request), server: "nginx" },
]
