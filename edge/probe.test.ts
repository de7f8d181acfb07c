import { spawn } from "node:child_process"
import { resolve } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { SAMPLE_FIELDS, sampleSchema } from "#server/contract/telemetry.ts"
import { closedPort, fakeRpc, fakeWeb } from "./drivers/test/fake-miner.ts"
import { antminerRpc, antminerWeb, genericRpc } from "./drivers/test/machines.ts"
import { parseProbeArguments } from "./probe.ts"

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})

/** The command as it is typed, in a process of its own. */
async function probe(...args: string[]) {
  const child = spawn(resolve("node_modules/.bin/node"), [resolve("edge/probe.ts"), ...args])
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (chunk) => {
    stdout += chunk
  })
  child.stderr.on("data", (chunk) => {
    stderr += chunk
  })
  const code = await new Promise<number | null>((done) => child.once("close", done))
  return { code, stdout, stderr }
}

describe("the command", () => {
  it("prints the sample, field for field, named by serial", async () => {
    const rpc = await fakeRpc(antminerRpc())
    const web = await fakeWeb(antminerWeb())
    open.push(rpc, web)
    const { code, stdout } = await probe(`127.0.0.1:${rpc.port}`, "--web-port", String(web.port), "--json")
    const sample = JSON.parse(stdout)
    expect(code).toBe(0)
    expect(stdout.trim().split("\n")).toHaveLength(1)
    expect(Object.keys(sample)).toEqual(SAMPLE_FIELDS)
    expect(sampleSchema.safeParse(sample).error).toBeUndefined()
    expect(sample).toMatchObject({
      miner_id: "SYNTH0001",
      mac: "02:AA:BB:CC:DD:01",
      model: "S19 Pro",
      online: true,
    })
    expect(web.asked).toEqual(["GET /cgi-bin/get_system_info.cgi"])
  })

  it("names a machine that tells neither serial nor MAC by its address, and prints a table for people", async () => {
    const rpc = await fakeRpc(genericRpc())
    open.push(rpc)
    const { code, stdout } = await probe(`127.0.0.1:${rpc.port}`, "--web-port", String(await closedPort()))
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`miner_id +127\\.0\\.0\\.1:${rpc.port}`))
    expect(stdout).toMatch(/hashrate_5s_ghs +14000/)
  })

  it("prints a refused address as JSON and fails", async () => {
    const shut = String(await closedPort())
    const { code, stdout } = await probe(`127.0.0.1:${shut}`, "--web-port", shut, "--json")
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual({ error: { kind: "refused", message: expect.stringContaining(shut) } })
  })

  it("gives up on a silent address when its time is over", async () => {
    const rpc = await fakeRpc({ version: () => undefined })
    open.push(rpc)
    const { code, stdout } = await probe(`127.0.0.1:${rpc.port}`, "--timeout", "300", "--json")
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: "timeout" } })
  })

  it("explains itself and complains about a bad address in both forms", async () => {
    expect(await probe("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("--web-port") })
    const json = await probe("10.0.0.1:99999", "--json")
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { kind: "invalid", message: expect.stringContaining("99999") },
    })
    expect(await probe("not a host")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("invalid"),
    })
  })
})

describe("its arguments", () => {
  it("have defaults", () => {
    expect(parseProbeArguments(["10.0.0.1"])).toEqual({
      host: "10.0.0.1",
      rpcPort: 4028,
      webPort: 80,
      family: null,
      timeoutMs: 25_000,
      json: false,
      user: null,
    })
    expect(parseProbeArguments(["--help"])).toBeNull()
  })

  it.each([
    [[]],
    [["a", "b"]],
    [["10.0.0.1:0"]],
    [["10.0.0.1", "--web-port", "0"]],
    [["10.0.0.1", "--web-port", "x"]],
    [["10.0.0.1", "--timeout", "-1"]],
    [["10.0.0.1", "--timeout", "0"]],
    [["10.0.0.1", "--family", "nobody"]],
    [["10.0.0.1", "--bogus"]],
  ])("%j are refused", (argv) => {
    expect(parseProbeArguments(argv)).toMatchObject({ kind: "invalid" })
  })
})
