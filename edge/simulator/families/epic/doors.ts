import type { Door } from "../../door.ts"
import { actOf, answerApi, answerDashboard, isUpload } from "./web.ts"

export const epicDoors: readonly Door[] = [
  {
    kind: "web",
    port: 4028,
    answer: answerApi,
    actOf,
    isUpload,
    closesWithMining: true,
    server: "epic",
  },
  { kind: "web", port: 80, answer: answerDashboard, actOf: () => null, server: "nginx" },
]
