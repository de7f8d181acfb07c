import { describe, expect, it } from "vitest"
import { DigestGuard, digestResponse } from "./digest.ts"
import { REALM } from "./farm-under-test.ts"

const request = { method: "GET", uri: "/cgi-bin/get_system_info.cgi" }

function header(nonce: string, nc: string, password = "root"): string {
  const cnonce = "0a4f113b"
  const response = digestResponse({ user: "root", password, realm: REALM, ...request, nonce, nc, cnonce })
  return `Digest username="root", realm="${REALM}", nonce="${nonce}", uri="${request.uri}", qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`
}

describe("digest", () => {
  it("makes the response of the protocol papers' test vector", () => {
    const of = { user: "root", password: "root", realm: "antMiner Configuration", ...request }
    const response = digestResponse({ ...of, nonce: "4f2a9c1e7d", nc: "00000001", cnonce: "0a4f113b" })
    expect(response).toBe("e2ff508942199ab8b198329114c7f40e")
  })

  it("takes each counter of a nonce once, in any order", () => {
    const guard = new DigestGuard(REALM, "root")
    const nonce = /nonce="(\w+)"/.exec(guard.challenge(0, false))![1]!
    const check = (nc: string) => guard.check(header(nonce, nc), request, "root", 1_000)
    expect(["00000001", "00000003", "00000002", "00000002", "00000001", "00000040"].map(check)).toEqual([
      "ok",
      "ok",
      "ok",
      "stale",
      "stale",
      "ok",
    ])
    expect(check("00000003")).toBe("stale")
  })

  it("tells a wrong password from an old or unknown nonce", () => {
    const guard = new DigestGuard(REALM, "root")
    const nonce = /nonce="(\w+)"/.exec(guard.challenge(0, false))![1]!
    expect(guard.check(undefined, request, "root", 0)).toBe("challenge")
    expect(guard.check(header(nonce, "00000001", "guess"), request, "root", 0)).toBe("wrong")
    expect(guard.check(header(nonce, "00000001"), { ...request, uri: "/" }, "root", 0)).toBe("wrong")
    expect(guard.check(header(nonce, "00000001"), request, "root", 301_000)).toBe("stale")
    expect(guard.check(header("cafe", "00000001"), request, "root", 0)).toBe("stale")
  })
})
