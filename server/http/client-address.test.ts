import { describe, expect, it } from "vitest"
import { clientAddressReader } from "./client-address.ts"
import { withoutTokens } from "./request-log.ts"

describe("the client's address", () => {
  it("is the peer's when no proxy is trusted, whatever it claims", () => {
    const read = clientAddressReader("")
    expect(read("::ffff:10.0.0.1", "1.2.3.4")).toBe("10.0.0.1")
    expect(read("2001:db8::1", null)).toBe("2001:db8::1")
    expect(read(undefined, "1.2.3.4")).toBeNull()
  })
  it("is the last hop that no trusted proxy wrote", () => {
    const read = clientAddressReader("10.0.0.1, 192.168.0.0/16")
    expect(read("10.0.0.1", "6.6.6.6, 1.2.3.4")).toBe("1.2.3.4")
    expect(read("10.0.0.1", "1.2.3.4, 192.168.3.3")).toBe("1.2.3.4")
    expect(read("10.0.0.1", "nonsense")).toBe("10.0.0.1")
    expect(read("10.0.0.2", "1.2.3.4")).toBe("10.0.0.2")
  })
})

describe("paths in the log", () => {
  it("lose what looks like a token, and keep ids and words", () => {
    expect(withoutTokens("/welcome/Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA")).toBe("/welcome/[redacted]")
    const command = "/commands/0199c0de-0000-7000-8000-000000000001"
    expect(withoutTokens(command)).toBe(command)
    expect(withoutTokens("/hosting/site/12/dashboard")).toBe("/hosting/site/12/dashboard")
  })
})
