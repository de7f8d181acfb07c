import { generateKeyPairSync } from "node:crypto"
import { describe, expect, it } from "vitest"
import { openSealed, SealError, sealTo } from "./sealed-box.ts"

const keyPair = () =>
  generateKeyPairSync("x25519").privateKey.export({ format: "jwk" }) as { x: string; d: string }

describe("sealed box", () => {
  const mine = keyPair()

  it("opens with the private key what was sealed to the public one, and seals differently each time", () => {
    const one = sealTo(mine.x, "a", "p4ssword é")
    expect(openSealed(mine, "a", one)).toBe("p4ssword é")
    expect(sealTo(mine.x, "a", "p4ssword é")).not.toBe(one)
    expect(one).not.toContain("p4ssword")
  })

  it("refuses another key, another purpose, and every damaged byte", () => {
    const sealed = sealTo(mine.x, "a", "secret")
    expect(() => openSealed(keyPair(), "a", sealed)).toThrow(SealError)
    expect(() => openSealed(mine, "b", sealed)).toThrow(SealError)
    const bytes = Buffer.from(sealed.slice(3), "base64url")
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      expect(() => openSealed(mine, "a", `v1.${damaged.toString("base64url")}`)).toThrow(SealError)
    }
    for (const text of ["", "v1.", "v2.abc", sealed.slice(0, 20)])
      expect(() => openSealed(mine, "a", text)).toThrow(SealError)
  })
})
