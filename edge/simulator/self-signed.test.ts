import { X509Certificate } from "node:crypto"
import { expect, it } from "vitest"
import { selfSigned, serialOf } from "./self-signed.ts"

it("makes a certificate that can be read", () => {
  expect(new X509Certificate(selfSigned().cert).subject).toBe("CN=miner")
})

it("gives every key a serial number without padding or a sign", () => {
  for (let key = 0; key < 2_000; key += 1) {
    const [first] = serialOf(Buffer.from(String(key)))
    expect(first! >= 0x40 && first! < 0x80).toBe(true)
  }
})
