import type { Door } from "../../door.ts"
import { answerWhatsminer, JOINABLE } from "./rpc.ts"

export const whatsminerDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerWhatsminer,
    mayJoin: (miner, names) => (miner.joins ?? true) && names.every((name) => JOINABLE.includes(name)),
    nulTerminated: false,
    isAct: () => false,
  },
  {
    kind: "web",
    port: 80,
    answer: (miner) => ({
      status: 307,
      body: "",
      html: true,
      headers: { Location: `https://${miner.address}/cgi-bin/luci` },
    }),
    actOf: () => null,
  },
]
