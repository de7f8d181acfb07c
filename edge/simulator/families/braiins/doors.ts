import type { Door, WebDoor } from "../../door.ts"
import type { Machine, Profile } from "../../profile.ts"
import { admitGraphql, answerGraphql, graphqlActOf } from "./graphql.ts"
import { admitLuci, answerLuci } from "./luci.ts"
import type { BraiinsTraits } from "./profiles.ts"
import { admitRest, answerRest, restActOf } from "./rest.ts"
import { answerBraiins, isWrite } from "./rpc.ts"

const commands: Door = {
  kind: "rpc",
  port: 4028,
  answer: answerBraiins,
  mayJoin: (miner) => miner.joins ?? true,
  nulTerminated: true,
  isAct: (_miner, { command }) => isWrite(command),
}

const webs: Record<BraiinsTraits["api"], Pick<WebDoor, "admit" | "answer" | "actOf">> = {
  rest: { admit: admitRest, answer: answerRest, actOf: (_miner, request) => restActOf(request) },
  graphql: { admit: admitGraphql, answer: answerGraphql, actOf: (_miner, request) => graphqlActOf(request) },
  rpc: { admit: admitLuci, answer: answerLuci, actOf: () => null },
}

export function braiinsDoors(profile: Profile): readonly Door[] {
  const { api } = profile as Machine & BraiinsTraits
  return [commands, { kind: "web", port: 80, server: "nginx", ...webs[api] }]
}
