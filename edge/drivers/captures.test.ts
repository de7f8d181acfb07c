import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { createInterface } from "node:readline"
import { describe, expect, it } from "vitest"
import { SAMPLE_FIELDS, sampleSchema } from "#server/contract/telemetry.ts"
import { probeMiner } from "../probe.ts"
import { matches } from "./test/expected-values.ts"
import { closedPort } from "./test/fake-miner.ts"
import { NO_RETRY } from "./transport/retry.ts"

/** Answers recorded from real machines; they lie beside the checkout, where they are allowed to. */
const CAPTURES = resolve(import.meta.dirname, "../../../shared/captures")
const DEVICES = ["antminer/s19-pro", "antminer/s19-web", "whatsminer/m50s-v2", "whatsminer/m20s-v1"]

if (existsSync(CAPTURES)) registerCaptureTests()
else it("are not here", () => expect(existsSync(CAPTURES)).toBe(false))

function registerCaptureTests(): void {
  /** Plays the device in a process of its own for the length of one probe. */
  async function probe(device: string, fault: string | null, timeoutMs = 25_000) {
    const args = [
      resolve(CAPTURES, "replay.mjs"),
      resolve(CAPTURES, device),
      ...(fault ? ["--fault", fault] : []),
    ]
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    const ended = new Promise((done) => child.once("exit", done))
    try {
      const line = await new Promise<string>((done) => createInterface(child.stdout).once("line", done))
      const { tcp, http } = JSON.parse(line) as { tcp: number; http: number | null }
      const webPort = http ?? (await closedPort())
      return await probeMiner({ host: "127.0.0.1", rpcPort: tcp, webPort, family: null, timeoutMs }, NO_RETRY)
    } finally {
      child.kill()
      await ended
    }
  }

  const expected = (device: string) =>
    JSON.parse(readFileSync(resolve(CAPTURES, device, "manifest.json"), "utf8")).expect as Record<
      string,
      unknown
    >

  describe.concurrent.each(DEVICES)("%s", { timeout: 30_000 }, (device) => {
    it.each([
      null,
      "split",
      "nul-missing",
      "slow",
    ])("reads as its manifest says, with fault %s", async (fault) => {
      const outcome = await probe(device, fault)
      if (!outcome.ok) throw new Error(outcome.fault.message)
      const sample: Record<string, unknown> = outcome.value
      const wrong = Object.entries(expected(device)).filter(
        ([field, wanted]) => !matches(wanted, sample[field]),
      )
      expect(wrong.map(([field]) => [field, sample[field]])).toEqual([])
      expect(Object.keys(sample)).toEqual(SAMPLE_FIELDS)
      expect(sampleSchema.safeParse(sample).error).toBeUndefined()
    })

    it.each(["truncate", "garbage", "reset"])("is a fault when its answers are %s", async (fault) => {
      expect(await probe(device, fault)).toMatchObject({ ok: false, fault: { kind: "garbled" } })
    })

    it("is a fault when it is silent", async () => {
      expect(await probe(device, "silent", 300)).toMatchObject({ ok: false, fault: { kind: "timeout" } })
    })
  })
}
