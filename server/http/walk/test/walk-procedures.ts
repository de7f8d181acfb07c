import { randomUUID } from "node:crypto"
import { beforeAll, describe, expect, it } from "vitest"
import { createEnrollmentCode } from "#server/collectors/create-enrollment-code.ts"
import { hashEnrollmentCode } from "#server/collectors/enrollment-code.ts"
import { revokeCollector } from "#server/collectors/revoke-collector.ts"
import { PROCEDURES } from "#server/contract/surface.ts"
import type { Company } from "./company.ts"
import { leakIn } from "./expected.ts"
import { PROCEDURE_ROWS, type ProcedureRow } from "./procedures.ts"
import { enroll, type WalkSite } from "./site.ts"
import { differences, traceOf } from "./trace.ts"

const KEYED = Object.keys(PROCEDURES).filter((name) => PROCEDURES[name] === "key")

/** Calls every procedure of the gateway without a key, with bad ones, and with another site's. */
export function walkProcedures(company: Company): void {
  describe("procedures", () => {
    let revoked = ""
    let code = ""
    let calls = 0

    beforeAll(async () => {
      const gone = await enroll(company, company.a, "revoked collector")
      await revokeCollector(company.as("system"), gone)
      revoked = gone.key
      code = await newCode(company.a)
    })
    const newCode = async (site: WalkSite) => {
      const input = { siteId: site.id, deviceName: `collector ${randomUUID()}` }
      return (await createEnrollmentCode(company.as("system"), input)).code
    }

    async function call(name: string, body: unknown, headers: Record<string, string>) {
      const row = PROCEDURE_ROWS[name] as ProcedureRow
      const asked = row.kind === "query" ? `?input=${encodeURIComponent(JSON.stringify(body))}` : ""
      calls += 1
      const answer = await fetch(`${company.url}/trpc/${name}${asked}`, {
        method: row.kind === "query" ? "GET" : "POST",
        // Enrollment is limited by address.
        headers: {
          "content-type": "application/json",
          "x-forwarded-for": `198.51.100.${calls % 250}`,
          ...headers,
        },
        ...(row.kind === "query" ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      const { result, error } = JSON.parse(text) as {
        result?: { data: Record<string, unknown> }
        error?: { data: { appCode: string } }
      }
      return { outcome: error ? `${answer.status} ${error.data.appCode}` : "200", data: result?.data, text }
    }
    /** Names things of one site, sent by the collector of another. */
    const bodyOf = (name: string, names: WalkSite, sender: WalkSite) =>
      (PROCEDURE_ROWS[name] as ProcedureRow).body(names, sender.instanceId)

    it("have a row each", () => {
      expect(Object.keys(PROCEDURE_ROWS).sort()).toEqual(Object.keys(PROCEDURES).sort())
    })

    it.each(KEYED)("%s answers a good key of its site only", async (name) => {
      const strangers: [string, Record<string, string>, string][] = [
        ["no key", {}, "401 UNAUTHENTICATED"],
        ["a wrong key", { "x-collector-key": `hsc_${"a".repeat(40)}` }, "401 UNAUTHENTICATED"],
        ["no key in form", { "x-collector-key": "hsc_1" }, "401 UNAUTHENTICATED"],
        ["a revoked key", { "x-collector-key": revoked }, "401 UNAUTHENTICATED"],
        ["a revoked key as bearer", { authorization: `Bearer ${revoked}` }, "401 UNAUTHENTICATED"],
        ["an enrollment code", { "x-collector-key": code }, "401 UNAUTHENTICATED"],
        ["the admin's session", { cookie: company.cookies.admin ?? "" }, "401 UNAUTHENTICATED"],
        [
          "site B's key for site A",
          { "x-collector-key": company.b.key, "x-site-id": String(company.a.id) },
          "403 FORBIDDEN",
        ],
      ]
      const before = await traceOf(company)
      for (const [who, headers, expected] of strangers) {
        const { outcome, text } = await call(name, bodyOf(name, company.a, company.a), headers)
        expect(outcome, `${name} with ${who}`).toBe(expected)
        expect(leakIn(text, "anonymous"), `${name} with ${who}`).toBeNull()
      }
      expect(differences(before, await traceOf(company)), name).toEqual([])
    })

    it.each(KEYED)("%s with site B's key reaches nothing of site A", async (name) => {
      const ofA = await rowsOf(company.a)
      const { outcome, data, text } = await call(name, bodyOf(name, company.a, company.b), {
        "x-collector-key": company.b.key,
      })
      expect(outcome, name).toBe(PROCEDURE_ROWS[name]?.refusal ?? "200")
      if (outcome === "200") expect(data, name).toMatchObject(PROCEDURE_ROWS[name]?.aboutOthers ?? {})
      // The words of site A that the call itself held are not news.
      expect(/ALPHA (?!walked)|Alpha Works/.exec(text)?.[0] ?? null, name).toBeNull()
      if (name === "commands.poll") expect(JSON.stringify(data)).not.toContain(company.a.dispatched.commandId)
      expect(await rowsOf(company.a), name).toEqual(ofA)
    })

    /** What is stored of a site's machines, collectors and commands. */
    async function rowsOf(site: WalkSite): Promise<unknown> {
      const { sql } = company.database
      return {
        miners: await sql`select * from hosting_miners where site_id = ${site.id} order by id`,
        live: await sql`select * from miner_telemetry_live where site_id = ${site.id} order by miner_id`,
        raw: await sql`select count(*) from telemetry_raw_24h where site_id = ${site.id}`,
        devices: await sql`select * from edge_devices where site_id = ${site.id} order by id`,
        events: await sql`select * from fleet_events where site_id = ${site.id} order by id`,
        thermal: await sql`select * from thermal_events where site_id = ${site.id} order by seq`,
        holds: await sql`select * from thermal_holds where site_id = ${site.id} order by miner_id`,
        queue: await sql`select * from miner_commands where site_id = ${site.id} order by id`,
        commands: await sql`select * from remote_commands where site_id = ${site.id} order by id`,
        results:
          await sql`select * from remote_command_results where site_id = ${site.id} order by command_id, miner_id`,
      }
    }

    it.each(KEYED)("%s with site A's own key works", async (name) => {
      const { outcome } = await call(name, bodyOf(name, company.a, company.a), {
        "x-collector-key": company.a.key,
      })
      expect(outcome, name).toBe("200")
    })

    it("edge.enroll takes a good code once, and makes a collector of the code's site whatever key is shown", async () => {
      const enrolling = (given: string, headers: Record<string, string> = {}) =>
        call("edge.enroll", { ...bodyOf("edge.enroll", company.a, company.a), code: given }, headers)
      const over = await newCode(company.a)
      await company.database.sql`
        update enrollment_codes set expires_at = ${new Date(0)} where code_hash = ${hashEnrollmentCode(over)}`
      const before = await traceOf(company)
      for (const [which, given, refusal] of [
        ["wrong", "AAAA-BBBB-CCCC", "401 UNAUTHENTICATED"],
        ["over", over, "401 UNAUTHENTICATED"],
        ["a collector's key", company.a.key, "422 INVALID"],
      ] as const)
        expect((await enrolling(given)).outcome, `a code that is ${which}`).toBe(refusal)
      expect(differences(before, await traceOf(company))).toEqual([])

      const taken = await enrolling(code, {
        "x-collector-key": company.b.key,
        "x-site-id": String(company.b.id),
      })
      expect(taken.data).toMatchObject({ site: { id: company.a.id } })
      const after = await traceOf(company)
      expect((await enrolling(code)).outcome, "a code that was used").toBe("401 UNAUTHENTICATED")
      expect(differences(after, await traceOf(company))).toEqual([])
    })

    it("a collector's key opens no page", async () => {
      for (const path of ["/", "/miners", "/miners.data", "/events"]) {
        const headers = { "x-collector-key": company.a.key, authorization: `Bearer ${company.a.key}` }
        const answer = await fetch(company.url + path, { headers, redirect: "manual" })
        expect([202, 302, 401], path).toContain(answer.status)
        expect(leakIn(await answer.text(), "anonymous"), path).toBeNull()
      }
    })
  })
}
