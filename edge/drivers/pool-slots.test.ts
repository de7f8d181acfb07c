import { describe, expect, it } from "vitest"
import { namedPools, poolsTold, samePool, wantedPools, withoutScheme } from "./pool-slots.ts"

const present = [
  { url: "stratum+tcp://a:1", user: "acct.one", pass: "p" },
  { url: "", user: "", pass: "" },
  { url: "stratum+tcp://c:1", user: "acct.three", pass: "q" },
]
const pool = { url: "stratum+tcp://n:1", worker_name: "new.{worker}", password: "s" }

describe("A21 wanted pools", () => {
  it("are all three slots, the rest emptied, each with its own worker", () => {
    const wanted = wantedPools(present, { pools: [pool, pool] })
    expect(wanted).toMatchObject({ ok: true, value: [{ user: "new.one" }, { user: "new.one" }, { url: "" }] })
  })
  it("are one slot, and the others keep what they have", () => {
    const parameters = { pools: [pool], pool_number: 2 }
    const wanted = wantedPools(present, parameters)
    if (!wanted.ok) throw new Error(wanted.fault.message)
    expect(wanted.value).toEqual([present[0], present[1], { url: pool.url, user: "new.three", pass: "s" }])
    expect(poolsTold(wanted.value, parameters)).toBe("pool slot 2 is stratum+tcp://n:1 as new.three")
  })
  it("are unsupported without a worker to fill in", () => {
    expect(wantedPools([], { pools: [pool] })).toMatchObject({ ok: false, fault: { kind: "unsupported" } })
  })
})

it("names pools without passwords, and compares addresses without their scheme", () => {
  expect(namedPools(present)).toEqual(present.map(({ url, user }) => ({ url, user })))
  expect(samePool(present[0]!, { ...present[0]!, pass: "other" })).toBe(false)
  expect(withoutScheme("stratum+tcp://Pool.Example:3333/")).toBe("pool.example:3333")
})
