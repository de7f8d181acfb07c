import type { ActOutcome, DriverContext } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { notDone } from "../outcomes.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { epicReads, postEpic } from "./web.ts"
import { readSummary, type Tuning, tuningOf } from "./words.ts"

const POWER_TUNE = "PowerTune"

/** The tuner keeps to a number of watts. */
export async function limitPower(context: DriverContext, limitW: number): Promise<ActOutcome> {
  const capabilities = await epicReads(context).object("capabilities")
  const offered = capabilities.ok ? JSON.stringify(capabilities.value.PerpetualTune ?? null) : "null"
  if (offered !== "null" && !offered.includes(POWER_TUNE))
    return notDone(
      "unsupported",
      "The tuner of this machine has no PowerTune, which keeps to a number of watts.",
    )
  return tune(context, POWER_TUNE, limitW, `the tuner keeps to ${limitW} W`)
}

/** Sets algorithm and target (watts for PowerTune, TH/s for the others), then lets the tuner run. */
export function tune(
  context: DriverContext,
  algo: string,
  target: number,
  told: string,
): Promise<ActOutcome> {
  const shown = (summary: Row) => {
    const { algo: name, target: goal, running } = tuningOf(summary)
    return { tuner: name, target: goal, tuner_running: running }
  }
  const read = () => readSummary(context)
  return inTurn("perpetualtune/algo", [
    () =>
      verifiedWrite<Row>({
        context,
        ran: "perpetualtune/algo",
        read,
        isSo: (summary) => {
          const now = tuningOf(summary)
          return now.algo === algo && now.target === target
        },
        shown,
        send: (summary) =>
          postEpic(context, "perpetualtune/algo", { param: algorithm(tuningOf(summary), algo, target) }),
        told,
        slowToShow: true,
      }),
    () =>
      verifiedWrite<Row>({
        context,
        ran: "perpetualtune",
        read,
        isSo: (summary) => tuningOf(summary).running === true,
        shown,
        send: () => postEpic(context, "perpetualtune", { param: true }),
        told: "the tuner runs",
        slowToShow: true,
      }),
  ])
}

/** Throttling keeps its settings where they are of the same unit; else the target is the least, so that it holds. */
function algorithm(now: Tuning, algo: string, target: number): Row {
  const kept = now.algo === algo && now.minThrottle !== null && now.minThrottle <= target
  return {
    algo,
    target,
    min_throttle: kept ? now.minThrottle : target,
    throttle_step: kept ? (now.throttleStep ?? 1) : 1,
  }
}
