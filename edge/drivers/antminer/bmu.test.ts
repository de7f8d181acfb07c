import { describe, expect, it } from "vitest"
import { bundle, firmwareFile } from "../test/firmware-file.ts"
import { fitsMachine, readBmu } from "./bmu.ts"

const ITEMS = [
  { hardware: "AMLCtrl", model: "BHB42xxx" },
  { hardware: "CVCtrl", model: "S19 Pro" },
]
const read = (content: Buffer) => readBmu(firmwareFile(content, "a.bmu", "1").path)

describe("D20 firmware bundles", () => {
  it("names its items, and is read past one piece", async () => {
    const content = Buffer.alloc(2_500_000, 7)
    expect(await read(bundle(ITEMS, content))).toEqual({
      ok: true,
      value: [
        { chip: "BM1398", hardware: "AMLCtrl", model: "BHB42xxx" },
        { chip: "BM1398", hardware: "CVCtrl", model: "S19 Pro" },
      ],
    })
  })

  it("is nothing of the kind without its magic", async () => {
    for (const content of ["", "abc", "\x1f\x8b plain archive of more than thirty-six bytes"])
      expect(await read(Buffer.from(content))).toEqual({ ok: true, value: null })
  })

  const written = (value: number, at: number) => (bytes: Buffer) => {
    bytes.writeUInt32LE(value, at)
    return bytes
  }
  it.each<[string, (bytes: Buffer) => Buffer]>([
    ["a flipped bit", written(0x03030302, 600)],
    ["a missing end", (bytes) => bytes.subarray(0, bytes.length - 1)],
    ["only its magic", (bytes) => bytes.subarray(0, 4)],
    ["more items than bytes", written(200, 12)],
    ["no items", written(0, 12)],
    ["tiny items", written(8, 16)],
    ["a huge table", written(0xffffffff, 16)],
  ])("is damaged with %s", async (_what, harm) => {
    expect(await read(harm(bundle(ITEMS, Buffer.alloc(1_000, 3))))).toMatchObject({
      ok: false,
      fault: { kind: "refused" },
    })
  })

  it.each([
    [["AMLCtrl_BHB42801"], true],
    [["BHB42603"], true],
    [["BHB4260"], false],
    [["Antminer S19 Pro"], true],
    [["S19 Pro"], true],
    [["S19"], false],
    [["S21"], false],
    [[], false],
  ])("fits %j: %s", (names, fits) => {
    expect(ITEMS.some((item) => fitsMachine({ chip: "", ...item }, names))).toBe(fits)
  })
})
