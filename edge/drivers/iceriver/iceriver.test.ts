import { describe, expect, it } from "vitest"
import { modelOf } from "./identify.ts"
import { mapPanel, rate, runtime } from "./map.ts"

describe("IceRiver", () => {
  it("A02 reads rates by the letter they carry, else by the panel's", () => {
    expect([
      rate("123G", "T"),
      rate("1.5T", "G"),
      rate("12", "T"),
      rate(8, "G"),
      rate("", "G"),
      rate("x", "G"),
    ]).toEqual([123, 1500, 12_000, 8, null, null])
  })

  it("A02 reads a time of four parts, and no other", () => {
    expect(runtime("01:02:03:04")).toBe(93_784)
    for (const odd of ["1:2:3", "a:b:c:d", "", null, 5, "-1:0:0:0"]) expect(runtime(odd)).toBeNull()
  })

  it("finds the model in the image's name where the panel says none", () => {
    expect(modelOf("none", "ks_miner_KS3M_20230914")).toBe("KS3M")
    expect(modelOf("KS5L", "x")).toBe("KS5L")
    expect(modelOf(null, null)).toBeNull()
  })

  it("A02 marks one pool as active, and a machine without power as one that does not mine", () => {
    const pools = [
      { addr: "stratum+tcp://one.example:1", user: "a.b", connect: true, state: 1, accepted: 3, rejected: 1 },
      { addr: "stratum+tcp://two.example:1", user: "a.b", connect: true, state: 0, accepted: 1, rejected: 0 },
      { addr: "", user: "" },
    ]
    const mapped = mapPanel(
      { rtpow: "0G", powstate: false, pools, boards: [{ no: 1, chipnum: 18, chipsuc: 17 }] },
      "KS3M",
    )
    expect(mapped).toMatchObject({ mining: false, accepted_shares: 4, rejected_shares: 1, mac: null })
    expect(mapped.pools?.map(({ active }) => active)).toEqual([true, false])
    expect(mapped.boards).toMatchObject([{ id: 0, chips_ok: 17, chips_total: 18 }])
    expect(mapPanel({}, null)).toMatchObject({
      mining: null,
      hashrate_ghs: null,
      boards: [],
      fan_speeds: null,
    })
  })
})
