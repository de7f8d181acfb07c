import type { Door } from "../../door.ts"
import { answerVnish } from "./rpc.ts"
import { actOf, admit, answerWeb, isUpload } from "./web.ts"

export const vnishDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerVnish,
    mayJoin: (miner) => miner.joins ?? true,
    nulTerminated: true,
    isAct: () => false,
  },
  {
    kind: "web",
    port: 80,
    admit,
    answer: answerWeb,
    actOf: (_miner, request) => actOf(request),
    isUpload,
    server: "nginx",
  },
]
