import { type Door, html } from "../../door.ts"
import { answerAvalon, isAct, refusal } from "./rpc.ts"
import { traitsOf } from "./state.ts"

export const avalonDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerAvalon,
    mayJoin: (miner) => miner.joins ?? traitsOf(miner).dialect !== "old",
    nulTerminated: true,
    isAct,
    refusal,
  },
  {
    kind: "web",
    port: 80,
    answer: (_miner, { url }) =>
      url === "/"
        ? html("<!doctype html><html><head><title>Avalon Device</title></head><body></body></html>")
        : html("<html>404</html>", 404),
    actOf: () => null,
  },
]
