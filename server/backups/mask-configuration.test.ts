import { describe, expect, it } from "vitest"
import { maskConfiguration } from "./mask-configuration.ts"
import { taken } from "./test/taken.ts"

describe("masking", () => {
  it("D18 strikes out whatever is named like a secret, at any depth, and passwords inside addresses", () => {
    const { config } = taken({
      pools: [{ url: "stratum+tcp://me:hunter2@pool.example.com:3333", user: "farm.one" }],
      raw: {
        pools: [{ pass: "hunter2", user: "farm.one" }, { pass: "" }],
        _ant_pool1pw: "hunter2",
        nested: { deep: [{ wifi_psk: "hunter2", apiToken: "hunter2" }] },
        passwords: ["hunter2", ""],
        passphrase: { old: "hunter2", since: 3 },
        address: "http://root:hunter2@10.0.0.1/",
      },
    })
    const masked = maskConfiguration(config)
    expect(JSON.stringify(masked)).not.toContain("hunter2")
    expect(masked.raw).toMatchObject({
      pools: [{ pass: "***", user: "farm.one" }, { pass: "" }],
      _ant_pool1pw: "***",
      passwords: ["***", ""],
      address: "http://root:***@10.0.0.1/",
    })
  })

  it("leaves alone what only looks like one", () => {
    const raw = {
      bypass: "on",
      passthrough: "eth0",
      passive: true,
      freq: "675",
      url: "stratum+tcp://a:3333/x@y",
    }
    expect(maskConfiguration(taken({ raw }).config).raw).toEqual(raw)
  })
})
