import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { countAddresses } from "#server/contract/address-ranges.ts"
import { parseScanArguments, type ScanRequest } from "./scan.ts"

let dir = ""
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "lamproom-scan-"))
  writeFileSync(join(dir, "farm.csv"), "address,rack\n10.0.0.1,A\n10.0.1.0/30,B\n# gone\n")
  writeFileSync(join(dir, "bad.txt"), "10.0.0.1\nnonsense\n")
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const parse = (...argv: string[]) => parseScanArguments(argv) as ScanRequest

describe("scan's command line", () => {
  it("takes ranges, lists and files, each address once", () => {
    const request = parse("10.0.0.0/24,10.0.0.1", join(dir, "farm.csv"), "--file", join(dir, "farm.csv"))
    expect(countAddresses(request.ranges)).toBe(254 + 2)
    expect(request).toMatchObject({
      ports: [],
      gpu: false,
      sockets: 512,
      connectTimeoutMs: 1_000,
      output: "table",
    })
  })
  it("takes its options", () => {
    expect(
      parse("10.0.0.0/30", "--include-edges", "--ports", "4028,80", "--gpu", "--concurrency", "64", "--json"),
    ).toMatchObject({
      ranges: [{ from: 167_772_160, to: 167_772_163 }],
      ports: [4028, 80],
      gpu: true,
      sockets: 64,
      output: "json",
    })
    expect(parseScanArguments(["--help"])).toBeNull()
  })
  it.each([
    [[], /what to look at/],
    [["10.0.0.0/11"], /1048576 at most/],
    [["10.0.0.300"], /10\.0\.0\.300/],
    [["--file", "/no/such/file"], /no file/],
    [["10.0.0.1", "--ports", "0"], /--ports 0/],
    [["10.0.0.1", "--concurrency", "5000"], /--concurrency 5000/],
    [["10.0.0.1", "--json", "--csv"], /one of/],
    [["10.0.0.1", "--what"], /--what/],
  ])("says what is wrong with %j", (argv, why) => expect(() => parse(...argv)).toThrow(why))
  it("names the lines of a file that mean nothing", () =>
    expect(() => parse(join(dir, "bad.txt"))).toThrow(/nonsense/))
})
