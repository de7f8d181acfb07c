import { describe, expect, it } from "vitest"
import { seal, tokenOf, unseal } from "./seal.ts"

/** The vectors of the protocol paper, cross-checked there with OpenSSL. */
const token = tokenOf("admin", { time: "5310", salt: "abcd1234", newsalt: "wxyz9876" })
const SEALED_POWER_OFF =
  "ZrItzlKqvFwNH49bguJ7MQqkjgTsgkmPbxzIQPeY6ZuJD8na78439dbeb7PSisrI84ut2PumWqwmTY+OXGqY4EAM4tRl8XRUmVOXxe3JFmY="
const SEALED_OK =
  "Ga5IjrsPqG6Kx0d97hf3sjQawJ436KItm4rcFzlkBpQgO8eCVw03N+Dfup6YwDh+x4BNizWFWwRhSXRsg9OP9g/UBc6+PWHCdB7gp1zT+pCQeRWQWDswkS4qCe6Qohoj"

describe("the envelope of API v2 (A30 B13)", () => {
  it("derives key and sign", () => {
    expect(token.aesKey.toString("hex")).toBe(
      "c28723481f47e829e8fc06f5970f68b55f328c7b1a12c14140e7cf2af5de0d7f",
    )
    expect(token.sign).toBe("oSOgaombwjlTDWGekIWjo.")
  })

  it("seals a command", () => {
    expect(JSON.parse(seal(token, { cmd: "power_off", respbefore: "true" }))).toEqual({
      enc: 1,
      data: SEALED_POWER_OFF,
    })
  })

  it("adds no block to what fills its blocks", () => {
    const bytes = (text: string) => Buffer.from(JSON.parse(seal(token, { cmd: text })).data, "base64").length
    const bare = JSON.stringify({ cmd: "", token: token.sign }).length
    const filling = "x".repeat(16 - (bare % 16))
    expect(bytes(filling)).toBe(bare + filling.length)
    expect(bytes(`${filling}x`)).toBe(bare + filling.length + 16)
  })

  it("opens an answer, and not one of another key", () => {
    expect(JSON.parse(unseal(token, SEALED_OK)!)).toMatchObject({ STATUS: "S", Code: 131 })
    const other = tokenOf("other", { time: "5310", salt: "abcd1234", newsalt: "wxyz9876" })
    expect(unseal(other, SEALED_OK)).toBeNull()
    expect(unseal(token, "AAAA")).toBeNull()
    expect(unseal(token, "")).toBeNull()
  })
})
