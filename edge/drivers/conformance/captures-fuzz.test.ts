import { describe, expect, it } from "vitest"
import { playedBack, recorded } from "../../recording/recording.ts"
import type { DriverContext } from "../driver.ts"
import { DEFAULT_TEMP_LIMITS } from "../limits.ts"
import { identifyMiner, readMiner } from "../registry.ts"
import { capturedDevices, capturesAreHere, withReplay } from "../test/captures.ts"
import { seededRandom } from "../test/random.ts"
import { NO_RETRY } from "../transport/retry.ts"
import { expectSampleOrFault } from "./judge.ts"
import { mutated } from "./mutate.ts"

/** Recorded machines whose answers were tampered with: seeded, so that a finding can be repeated. */
const SEED = 9
const RUNS = 10_000

if (capturesAreHere) registerFuzzTests()
else it("are not here", () => expect(capturedDevices()).toEqual([]))

function registerFuzzTests(): void {
  describe.each(capturedDevices())("%s", (device) => {
    it(`B13 makes a sample or a fault of ${RUNS} mutations`, { timeout: 120_000 }, async () => {
      const context: DriverContext = {
        address: { host: "127.0.0.1", rpcPort: 4028, webPort: 80 },
        credentials: null,
        limits: DEFAULT_TEMP_LIMITS,
        signal: new AbortController().signal,
        retry: NO_RETRY,
      }
      const { identity, recording } = await withReplay(device, null, async (ports) => {
        const address = { host: "127.0.0.1", ...ports }
        context.address = address
        const identity = await identifyMiner(context)
        if (!identity.ok) throw new Error(identity.fault.message)
        const { value, recording } = await recorded(() => readMiner(context, identity.value))
        expect(value.ok).toBe(true)
        return { identity: identity.value, recording }
      })
      for (let run = 0; run < RUNS; run += 1) {
        const random = seededRandom(SEED * 1_000_003 + run)
        const reading = await playedBack(
          recording,
          () => readMiner(context, identity),
          ({ text }) => (random() < 0.5 ? mutated(text, random) : text),
        )
        expectSampleOrFault(reading)
      }
    })
  })
}
