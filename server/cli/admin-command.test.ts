import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { sealAudit } from "../audit/seal-audit.ts"
import { logIn } from "../auth/log-in.ts"
import { setPasswordByLink } from "../auth/set-password-by-link.ts"
import { enrollCollector } from "../collectors/enroll-collector.ts"
import { runAdminCommand } from "./admin-command.ts"

describe("npm run admin", () => {
  const database = useDatabase()
  const make = createFixtures(database, createClock().now)
  const run = (...argv: string[]) => runAdminCommand(make.services(), argv, "http://127.0.0.1:3000")
  const tokenIn = (lines: string[]) => /\/welcome\/([A-Za-z0-9_-]+)/.exec(lines.join("\n"))?.[1] ?? ""

  it("makes an admin who sets his password by the link, and another link later", async () => {
    const email = `${make.unique("root")}@example.com`
    const password = "a long password"
    const made = await run("create-user", "--email", email, "--name", "Root", "--role", "admin")
    await setPasswordByLink(make.anonymous(), { token: tokenIn(made), newPassword: password })
    await logIn(make.anonymous(), { email, password })
    const reset = await run("reset-password", "--email", email.toUpperCase(), "--port", "3001")
    await setPasswordByLink(make.anonymous(), { token: tokenIn(reset), newPassword: `${password} 2` })
    await logIn(make.anonymous(), { email, password: `${password} 2` })
    const [row] = await database.sql`select global_role from user_access where email = ${email}`
    expect(row?.global_role).toBe("admin")
    expect(await make.audits("user.create-link")).toMatchObject([{ actor: "system:admin command line" }])
  })

  it("enrols a collector", async () => {
    const slug = make.unique("site")
    await make.site(slug)
    const lines = await run("enroll-collector", "--site", slug, "--name", "Hall 1")
    const answer = await enrollCollector(make.anonymous(), {
      code: lines[1]!.trim(),
      instance_id: randomUUID(),
      public_key: "a".repeat(43),
      edge_version: "1",
    })
    expect(answer).toMatchObject({ device_name: "Hall 1", site: { slug } })
  })

  it("verifies the audit log, against a seal that was kept as well", async () => {
    await make.site()
    await sealAudit(make.system())
    const lines = await run("verify-audit")
    expect(lines[0]).toMatch(/^The audit log is whole: \d+ sealed rows, from 2030-\S+ to 2030-\S+; 0 waiting/)
    const seal = /[0-9a-f]{64}/.exec(lines.join("\n"))?.[0] ?? ""
    expect((await run("verify-audit", "--contains", seal)).at(-1)).toBe("It contains the seal that you kept.")
    const other = "ab".repeat(32)
    await expect(run("verify-audit", "--contains", other)).rejects.toThrow(
      `NOT whole: 1 problem in ${/\d+/.exec(lines[0] ?? "")?.[0]} sealed rows`,
    )
    await expect(run("verify-audit", "--contains", other)).rejects.toThrow(`does not contain ${other}`)
  })

  it.each([
    [[], /Unknown command/],
    [["drop-everything"], /Unknown command/],
    [["create-user", "--name", "X"], /--email is missing/],
    [["create-user", "--email", "a@example.com", "--name", "X", "--role", "king"], /--role is/],
    [["reset-password", "--email", "nobody@example.com"], /no account/],
    [["enroll-collector", "--site", "nowhere", "--name", "X"], /no site/],
    [["verify-audit", "--contains", "abc"], /64 hexadecimal/],
    [["create-user", "--emial", "a@example.com"], /emial/],
  ])("says what is wrong with %j", async (argv, message) => {
    await expect(run(...argv)).rejects.toThrow(message)
  })
})
