import { describe, expect, it } from "vitest"
import type { Company } from "./company.ts"

/** `decisions.md` 31: a page that is off and one that never was cannot be told apart, by anybody. */
export function walkStatusPage(company: Company): void {
  describe("the public status page", () => {
    async function answerOf(path: string, who: "anonymous" | "client") {
      const cookie = company.cookies[who]
      const answer = await fetch(company.url + path, { headers: cookie ? { cookie } : {} })
      const requestId = answer.headers.get("x-request-id") ?? ""
      const nonce = /nonce-([^']+)'/.exec(answer.headers.get("content-security-policy") ?? "")?.[1] ?? ""
      const blank = (text: string) =>
        text
          // The link to try again leads to the address that was asked for.
          .replaceAll(path.replace(".data", ""), "ADDRESS")
          .replaceAll(requestId, "REQUEST")
          .replaceAll(nonce, "NONCE")
          // The clock of the answer, to the millisecond.
          .replaceAll(/(serverNow\\?",?\s*:?)\d{13}/g, "$1NOW")
      const headers = [...answer.headers].filter(([name]) => name !== "date")
      return {
        status: answer.status,
        headers: blank(JSON.stringify(headers)),
        body: blank(await answer.text()),
      }
    }

    it.each([
      "/status/",
      "/hosting/status/",
    ])("at %s is the same 404 when it is off and when there is none", async (at) => {
      for (const who of ["anonymous", "client"] as const)
        for (const end of ["", ".data"]) {
          const off = await answerOf(`${at}beta${end}`, who)
          expect(off.status).toBe(404)
          // As long as the other, so that even its length says nothing.
          expect(await answerOf(`${at}zeta${end}`, who), `${who} ${at}${end}`).toEqual(off)
        }
    })

    it("tells of a site nothing but its state", async () => {
      const answer = await fetch(`${company.url}/status/alpha`)
      expect(answer.status).toBe(200)
      const text = await answer.text()
      expect(text).toContain("Alpha Works")
      expect(text).not.toMatch(/ALPHA|SN-|10\.1\.0\.|Bitmain|Antminer|@\w+\.test/)
    })
  })
}
