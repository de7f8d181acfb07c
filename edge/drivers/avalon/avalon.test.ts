import { describe, expect, it } from "vitest"
import type { DriverContext, Identity } from "../driver.ts"
import { DEFAULT_TEMP_LIMITS } from "../limits.ts"
import { completeReading } from "../reading.ts"
import { seededRandom } from "../test/random.ts"
import { parseTextReply } from "../transport/text-reply.ts"
import { capabilities } from "./capabilities.ts"
import { mapErrors } from "./errors.ts"
import { type AvalonRows, mapAvalon, modulesOf } from "./map.ts"
import { figures, isRaised, parseMmText, readChips, words } from "./mm-text.ts"
import { avalonFacts, generationOf, modelOf } from "./models.ts"

const identityOf = (model: string | null): Identity => ({
  family: "avalon",
  make: "Avalon",
  model,
  firmware: "stock",
  firmwareVersion: "1",
  mac: null,
  serial: null,
  confidence: 1,
  evidence: [],
})
const rowsOf = (mm: string, more: Partial<AvalonRows> = {}): AvalonRows => ({
  stats: [{ STATS: 0, "MM ID0": mm }],
  summary: { Elapsed: 5000, "MHS av": 100e6, "MHS 30s": 101e6, Accepted: 7, Rejected: 1, Stale: 0 },
  pools: [],
  ...more,
})

describe("the vendor's string", () => {
  it.each([
    ["Ver[1246-83-2107] DNA[0123] Elapsed[12]", { Ver: "1246-83-2107", DNA: "0123", Elapsed: "12" }],
    [
      "SYSTEMSTATU[Work: In Work, Hash Board: 3 ] A[]",
      { SYSTEMSTATU: "Work: In Work, Hash Board: 3 ", A: "" },
    ],
    ["'STATS':{Ver[Q-1] Nonce Mask[25]}", { Ver: "Q-1", "Nonce Mask": "25" }],
    ["SSID[a]b] RSSI[-60] DH[1.2%]", { SSID: "a", RSSI: "-60", DH: "1.2%" }],
    ["SSID[[x] RSSI[1]", { SSID: "[x", RSSI: "1" }],
    ["A[1] A[2] B[cut off", { A: "2" }],
    ["[1] ] [ ]] x", {}],
    ["__proto__[1] constructor[2]", { ["__proto__"]: "1", constructor: "2" }],
    ["", {}],
  ])("B13 reads %j", (text, wanted) => {
    expect(Object.entries(parseMmText(text)).sort()).toEqual(Object.entries(wanted).sort())
    expect(Object.getPrototypeOf(parseMmText(text))).toBeNull()
  })

  it("B13 survives a megabyte of brackets", () => {
    for (const text of ["[".repeat(1e6), "]".repeat(1e6), "a[".repeat(5e5), "a[]".repeat(3e5)])
      expect(Object.keys(parseMmText(text)).length).toBeLessThanOrEqual(1)
  })

  it("keeps its commas in the text form, where cgminer would have escaped them", () => {
    const { body } = parseTextReply(
      "STATUS=S,Code=70|STATS=0,ID=AVA80,MM ID0=SYSTEMSTATU[Work: In Work, Hash Board: 4 ] Elapsed[9],MM Count=1|POOL=0,URL=a|",
    )
    expect(modulesOf(body.STATS!)[0]).toMatchObject({
      SYSTEMSTATU: "Work: In Work, Hash Board: 4 ",
      Elapsed: "9",
    })
    expect(body.POOLS).toEqual([{ POOL: "0", URL: "a" }])
  })

  it("counts chips", () => {
    expect(readChips(" 66  0  63 -5 x 70.5 ")).toEqual({ all: 6, nonZero: 4, min: 63 })
    expect([readChips(""), readChips("  "), readChips(undefined)]).toEqual([null, null, null])
    expect(words("  1 2   3 ", 2)).toEqual(["1", "2"])
    expect(figures(" 37501.61 0  -5 nan 5. .5 12x ")).toEqual([37501.61, 0, -5, null, null, 0.5, 12])
    expect(figures("1 2 3", 2)).toEqual([1, 2])
    expect(["0 0 0", "", "0 2 0", "x", undefined].map(isRaised)).toEqual([false, false, true, true, false])
  })
})

describe("models", () => {
  it.each([
    [{ PROD: "AvalonMiner 1246" }, null, "1246", "a12"],
    [{ PROD: "AvalonMiner 15-194", MODEL: "15-194" }, null, "15-194", "a14"],
    [{ PROD: "AVALONMINER 15", MODEL: "1566" }, null, "1566", "a14"],
    [{ PROD: "Avalon Nano3s" }, null, "Nano3s", "nano3s"],
    [{ PROD: "AVALONNANO", MODEL: "Nano3" }, null, "Nano3", "home"],
    [{ PROD: "AVALON0O", MODEL: "Mini3" }, null, "Mini3", "home"],
    [{ PROD: "Avalon Q" }, null, "Q", "q"],
    [{}, { Ver: "1346-110-2302_x" }, "1346", "a13"],
    [{}, { Ver: "8411809-4ec6bb0" }, "841", "old"],
    [{ PROD: "AvalonMiner A1166Pro" }, null, "A1166Pro", "a10"],
    [null, null, null, "unknown"],
  ])("A02 %j %j", (version, mm, model, generation) => {
    expect(modelOf(version, mm)).toBe(model)
    expect(generationOf(model)).toBe(generation)
  })

  it("finds boards, chips and fans", () => {
    expect(avalonFacts("15-194")).toEqual({ boards: 3, chips: 160, fans: 2 })
    expect(avalonFacts("A1166Pro")?.chips).toBe(120)
    expect(avalonFacts("1566Ha")?.fans).toBe(0)
    expect(avalonFacts("constructor")).toBeNull()
  })
})

describe("mapping", () => {
  const at = (mm: string, model: string | null = "1346", more?: Partial<AvalonRows>) =>
    mapAvalon(rowsOf(mm, more), model)

  it.each([
    ["WALLPOWER[3700] PS[0 1 2 3 3000 5 3400]", 3700, null],
    ["PS[0 1214 1316 242 3189 1320 3504]", 3504, null],
    ["PS[0 0 27535 4 0 3626 129]", 129, null],
    ["PS[0 1214 1316 242 3189 1320]", 3189, true],
    ["PS[0 1214 1316 242 3189 1320 100]", 3189, true],
    ["ATA0[800-65-2264-258-20] GHSspd[5]", 800, true],
    ["SoftOFF[1] ATA0[800-65-2264-258-20]", null, null],
    ["PS[x - nan]", null, null],
  ])("A02 power of %s", (mm, watts, estimated) => {
    expect([at(mm).power_consumption, at(mm).power_estimated]).toEqual([watts, estimated])
  })

  it.each([
    ["SYSTEMSTATU[Work: In Work, Hash Board: 3 ] GHSspd[100]", true, null],
    ["SYSTEMSTATU[Work: In Init, Hash Board: 3 ] GHSspd[0]", false, null],
    ["SYSTEMSTATU[Work: In Idle, Hash Board: 1] GHSspd[0]", false, "sleep"],
    ["SYSTEMSTATU[Work: In Work, Hash Board: 3 ] SoftOFF[2] GHSspd[0]", false, "sleep"],
    ["GHSspd[0]", false, null],
    ["WORKMODE[1] GHSspd[9]", true, "high"],
  ])("A02 the state of %s", (mm, mining, mode) => {
    expect([at(mm).mining, at(mm).power_mode]).toEqual([mining, mode])
  })

  it("numbers the modes of home models differently, and not those of a Mini 3", () => {
    const modes = (model: string) =>
      [0, 1, 2, 7].map((mode) => at(`WORKMODE[${mode}] GHSspd[1]`, model).power_mode)
    expect(modes("Q")).toEqual(["eco", "normal", "high", null])
    expect(modes("1346")).toEqual(["normal", "high", "high", null])
    expect(modes("Mini3")).toEqual([null, null, null, null])
  })

  it("a dead board has no chips, a sleeping one tells none", () => {
    const chips = (mm: string) => at(mm, "1246").boards!.map((board) => [board.chips_ok, board.chips_total])
    const row = (alive: number) => Array.from({ length: 120 }, (_, chip) => (chip < alive ? 60 : 0)).join(" ")
    expect(chips(`GHSspd[9] MGHS[1 1 0] PVT_T0[${row(120)}] PVT_T1[${row(111)}] PVT_T2[${row(0)}]`)).toEqual([
      [120, 120],
      [111, 120],
      [0, 120],
    ])
    expect(chips(`SoftOFF[1] GHSspd[0] MGHS[9 9 9] PVT_T0[${row(0)}]`)).toEqual([
      [null, 120],
      [null, 120],
      [null, 120],
    ])
    expect(at("SoftOFF[1] GHSspd[0] MGHS[9 9 9]").boards!.map((board) => board.hashrate)).toEqual([0, 0, 0])
  })

  it("drops the plugs behind a model's own fans, and no fan that it should have", () => {
    expect(at("Fan1[2000] Fan2[0] Fan3[0] Fan4[0]", "Nano3s").fan_speeds).toEqual([2000])
    expect(at("Fan1[2000] Fan2[0]", "1566").fan_speeds).toEqual([2000, 0])
    expect(at("Fan1[0] Fan2[0]", "1566Hu").fan_speeds).toEqual([])
  })

  it("adds up the modules of one controller", () => {
    const stats = [
      {
        "MM ID1": "GHSspd[5] GHSmm[6] TMax[70] MGHS[2 3]",
        "MM ID2": "GHSspd[7] GHSmm[8] TMax[75] MGHS[3 4]",
      },
    ]
    const mapped = mapAvalon(rowsOf("", { stats }), "741")
    expect(mapped).toMatchObject({ hashrate_5s_ghs: 12, hashrate_expected_ghs: 14, temperature_max: 75 })
    expect(mapped.boards!.map(({ id, hashrate }) => [id, hashrate])).toEqual([
      [0, 2],
      [1, 3],
      [4, 3],
      [5, 4],
    ])
  })

  it("reads a machine that tells its summary alone", () => {
    expect(mapAvalon(rowsOf("", { stats: [] }), null)).toMatchObject({
      mining: true,
      hashrate_5s_ghs: 101_000,
    })
  })

  it("E22 makes a sample of any string", () => {
    const random = seededRandom(11)
    const context = { address: { host: "x" }, limits: DEFAULT_TEMP_LIMITS } as DriverContext
    const whole =
      "SYSTEMSTATU[Work: In Work, Hash Board: 3 ] Temp[31] Fan1[4275] PS[0 1 2 3 4 5 6] GHSspd[1.5] MGHS[1 2 3] ECHU[1 2 4] PVT_T0[1 2 3]"
    for (let run = 0; run < 500; run += 1) {
      const chars = [...whole]
      for (let change = 0; change < 12; change += 1)
        chars[Math.floor(random() * chars.length)] = String.fromCharCode(32 + Math.floor(random() * 95))
      const mapped = at(chars.join(""))
      expect(() => completeReading(context, identityOf("1346"), mapped)).not.toThrow()
    }
  })
})

describe("errors", () => {
  const codes = (mm: string, mining = true) => mapErrors(parseMmText(mm), mining).map(({ code }) => code)

  it("A02 takes sums of bits apart, board by board", () => {
    expect(codes("ECHU[0 513 64] ECMM[4]")).toEqual(["ECHU1:1", "ECHU1:512", "ECHU2:64", "ECMM:4"])
    expect(codes("ECHU[1]", false)).toEqual([])
    expect(codes("ECHU[x -1 99999999999 262144]")).toEqual(["ECHU3:262144"])
  })

  it("A02 tells flags, the power supply and the fans, each with what to do", () => {
    expect(codes("POWS[1] HASHS[0 1] POOLS[1] FanErr[2] PS[3 1 1 1]")).toEqual([
      "POWS",
      "HASHS1",
      "POOLS",
      "FanErr:2",
      "PS:3",
    ])
    expect(codes("PS[0 0 0 0 0 0 0]")).toEqual(["PS:0"])
    for (const { message } of mapErrors(parseMmText("ECHU[262143] POWS[1]"), true))
      expect(message).toMatch(/^[A-Z].{15,}\.$/)
  })
})

describe("capabilities", () => {
  const can = (model: string | null, feature: Parameters<ReturnType<typeof capabilities>["can"]>[0]) =>
    capabilities(identityOf(model)).can(feature).ok

  it("A21 A26 differ by generation", () => {
    expect(["841", "1346", "15-194", "Q", "Mini3", null].map((model) => can(model, "DISABLE"))).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
    ])
    expect(
      ["841", "1346", "Q", "Nano3s", "Mini3", null].map((model) => can(model, "POWER_MODE.eco")),
    ).toEqual([false, false, true, true, false, false])
    expect(["1166Pro", "1246", "Q", "Nano3s"].map((model) => can(model, "LED"))).toEqual([
      false,
      true,
      false,
      true,
    ])
    expect(["1566Hu", "1566"].map((model) => can(model, "THERMAL_POLICY.manual"))).toEqual([false, true])
  })
})
