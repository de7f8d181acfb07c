import { describe, expect, it } from "vitest"
import { API } from "#server/contract/surface.ts"
import { type Company, EVERYBODY, type Who } from "./company.ts"
import { isAllowed, leakIn } from "./expected.ts"
import { fill, type Whose } from "./things.ts"
import { differences, traceOf } from "./trace.ts"

/** A request for each door of the REST API; words in braces as in the forms' rows. */
type ApiRow = { path: string; body?: string; writes?: boolean }
const API_ROWS: Record<string, ApiRow> = {
  "GET /api/thermal/config": { path: "/api/thermal/config?site={slug}" },
  "PUT /api/thermal/config": {
    path: "/api/thermal/config",
    body: `{"site": "{slug}", "max_actions_per_minute": {newPace}}`,
    writes: true,
  },
  "POST /api/thermal/check": { path: "/api/thermal/check", body: `{"site": "{slug}"}` },
}

/** Asks every door as everybody, for his own site and for a foreign one. */
export function walkApi(company: Company): void {
  describe("REST API", () => {
    it("has a row each", () => {
      expect(Object.keys(API_ROWS).sort()).toEqual(Object.keys(API).sort())
    })

    it.each(Object.keys(API_ROWS))("C08 %s answers everybody as the catalogue says", async (name) => {
      const row = API_ROWS[name] as ApiRow
      const wrong: string[] = []
      for (const whose of ["own", "foreign"] as const)
        for (const who of EVERYBODY) {
          const before = await traceOf(company)
          const { status, text } = await send(name, row, whose, company.cookies[who], company.url)
          const expected = statusOf(name, who, whose)
          const told = `${who} ${name} (${whose})`
          if (!expected.includes(status))
            wrong.push(`${told}: expected ${expected.join(" or ")}, got ${status}`)
          const answer = JSON.parse(text) as Record<string, unknown>
          const isEnvelope =
            status === 200
              ? answer.success === true
              : answer.success === false && typeof answer.error === "string" && Array.isArray(answer.details)
          if (!isEnvelope) wrong.push(`${told}: not the contract's JSON: ${text}`)
          const leak = leakIn(text, who)
          if (leak) wrong.push(`${told}: the answer holds "${leak}"`)
          const touched = differences(before, await traceOf(company)).length > 0
          if (touched !== (status === 200 && row.writes === true))
            wrong.push(`${told}: answered ${status} and ${touched ? "stored something" : "stored nothing"}`)
        }
      expect(wrong).toEqual([])
    })

    it.each(
      Object.keys(API_ROWS).filter((name) => !name.startsWith("GET")),
    )("%s from another site's page is refused", async (name) => {
      const before = await traceOf(company)
      for (const origin of ["https://evil.test", "null", null]) {
        const { status } = await send(name, API_ROWS[name] as ApiRow, "own", company.cookies.admin, origin)
        expect(status, String(origin)).toBe(403)
      }
      expect(differences(before, await traceOf(company))).toEqual([])
    })

    it("an address that is none is 404 in the same form", async () => {
      const answer = await fetch(`${company.url}/api/nothing`, {
        headers: { cookie: company.cookies.admin ?? "" },
      })
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ success: false, code: "NOT_FOUND", details: [] })
    })

    async function send(
      name: string,
      row: ApiRow,
      whose: Whose,
      cookie: string | null,
      origin: string | null,
    ) {
      const [method] = name.split(" ")
      const body = row.body === undefined ? null : await fill(company, row.body, whose)
      const answer = await fetch(company.url + (await fill(company, row.path, whose)), {
        ...(method === undefined ? {} : { method }),
        headers: {
          ...(cookie ? { cookie } : {}),
          ...(body === null ? {} : { "content-type": "application/json" }),
          ...(origin ? { origin } : {}),
        },
        ...(body === null ? {} : { body }),
      })
      return { status: answer.status, text: await answer.text() }
    }
  })
}

function statusOf(name: string, who: Who, whose: Whose): number[] {
  if (who === "anonymous") return [401]
  const rule = API[name]
  if (whose === "foreign" && who !== "admin") return [404]
  return rule && isAllowed(rule, who) ? [200] : [403]
}
