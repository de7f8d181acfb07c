import { describe, expect, it } from "vitest"
import { SAMPLE_FIELDS, sampleSchema } from "#server/contract/telemetry.ts"
import { probeMiner } from "../../probe.ts"
import { capturedDevices, capturesAreHere, manifestOf, withReplay } from "../test/captures.ts"
import { matches } from "../test/expected-values.ts"
import { NO_RETRY } from "../transport/retry.ts"

/** Machines that were recorded, through the probe as a person starts it. */
if (capturesAreHere) registerCaptureTests()
else it("are not here", () => expect(capturedDevices()).toEqual([]))

function registerCaptureTests(): void {
  const probe = (device: string, fault: string | null, timeoutMs = 25_000) =>
    withReplay(device, fault, ({ rpcPort, webPort }) =>
      probeMiner({ host: "127.0.0.1", rpcPort, webPort, family: null, timeoutMs }, NO_RETRY),
    )

  describe.concurrent.each(capturedDevices())("%s", { timeout: 30_000 }, (device) => {
    it.each([
      null,
      "split",
      "nul-missing",
      "slow",
    ])("B22 C01 reads as its manifest says, with fault %s", async (fault) => {
      const outcome = await probe(device, fault)
      if (!outcome.ok) throw new Error(outcome.fault.message)
      const sample: Record<string, unknown> = outcome.value
      const wrong = Object.entries(manifestOf(device).expect).filter(
        ([field, wanted]) => !matches(wanted, sample[field]),
      )
      expect(wrong.map(([field]) => [field, sample[field]])).toEqual([])
      expect(Object.keys(sample)).toEqual(SAMPLE_FIELDS)
      expect(sampleSchema.safeParse(sample).error).toBeUndefined()
    })

    it.each([
      "truncate",
      "garbage",
      "reset",
    ])("is no made-up sample when its TCP answers are %s", async (fault) => {
      const outcome = await probe(device, fault)
      // The faults act on TCP: what is told over HTTP alone reads well.
      if (outcome.ok) expect(sampleSchema.safeParse(outcome.value).error).toBeUndefined()
      else expect(["garbled", "busy", "refused", "unsupported"]).toContain(outcome.fault.kind)
    })

    it("is a fault, or what HTTP tells, when TCP is silent", async () => {
      const outcome = await probe(device, "silent", 2_000)
      if (outcome.ok) expect(sampleSchema.safeParse(outcome.value).error).toBeUndefined()
      else expect(["timeout", "refused"]).toContain(outcome.fault.kind)
    })
  })
}
