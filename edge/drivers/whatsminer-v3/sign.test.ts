import { describe, expect, it } from "vitest"
import { signed } from "./sign.ts"

/** The vectors of the protocol paper. */
const ink = { login: { username: "super", password: "super" }, salt: "5QAHiKMb", tsS: 1_692_685_512 }

describe("signatures of API v3 (A30 B13)", () => {
  it.each([
    ["set.miner.pools", "t5VzZdBe"],
    ["set.system.reboot", "11aY24Eq"],
    ["set.miner.power_mode", "pGwS7b8Z"],
    ["set.miner.service", "Yv6N+zUq"],
  ])("signs %s", (cmd, token) => {
    expect(signed({ cmd, param: null }, ink)).toEqual({
      cmd,
      ts: 1_692_685_512,
      token,
      account: "super",
      param: null,
    })
  })

  it("seals the pools", () => {
    const pools = [{ pool: "stratum+tcp://pool.example:3333", worker: "acct.rig1", passwd: "x" }]
    expect(signed({ cmd: "set.miner.pools", param: pools, sealed: true }, ink).param).toBe(
      "M7c6KBuUVIiP+BnrFxPBexKsZ8eeY2Rne9DZHzJDkURA5wPhSVaCm5WTz05aKu6PWRlBLhdS7js8eafCooni+4qvms5uzn3RczzKpCkdKgc=",
    )
  })
})
