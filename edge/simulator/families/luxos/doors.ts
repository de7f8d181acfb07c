import { type Door, html } from "../../door.ts"
import { answerLuxos, isWrite, refused } from "./rpc.ts"

export const luxosDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerLuxos,
    mayJoin: (miner) => miner.joins ?? true,
    nulTerminated: true,
    isAct: (_miner, { command }) => isWrite(command),
    refusal: (miner) => refused(miner, 399, "The command was refused"),
  },
  {
    kind: "web",
    port: 80,
    answer: () => html("<!doctype html><html><head><title>Luxor Firmware</title></head><body></body></html>"),
    actOf: () => null,
  },
]
