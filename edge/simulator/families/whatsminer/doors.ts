import type { Door } from "../../door.ts"
import type { Profile } from "../../profile.ts"
import { serveFrames } from "./frames.ts"
import type { WhatsminerTraits } from "./profiles.ts"
import { answerWhatsminer, JOINABLE } from "./rpc.ts"
import { isAllowed, isWrite, refuseWrite, unwrapEnvelope } from "./writes.ts"

const doors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerWhatsminer,
    mayJoin: (miner, names) => (miner.joins ?? true) && names.every((name) => JOINABLE.includes(name)),
    nulTerminated: false,
    unwrap: unwrapEnvelope,
    isAct: (miner, request) => isWrite(request.command) && isAllowed(miner, request),
    refusal: refuseWrite,
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

const frameDoor: Door = { kind: "raw", port: 4433, serve: serveFrames, closesWithMining: false }

export function whatsminerDoors(profile: Profile): readonly Door[] {
  return (profile as Profile & WhatsminerTraits).frameApi ? [...doors, frameDoor] : doors
}
