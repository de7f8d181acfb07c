import { randomUUID } from "node:crypto"
import { parseArgs } from "node:util"
import { findAccountByEmail } from "#db/queries/accounts.ts"
import { findSiteBySlug } from "#db/queries/sites.ts"
import { type AuditVerdict, verifyAudit } from "../audit/verify-audit.ts"
import { createEnrollmentCode } from "../collectors/create-enrollment-code.ts"
import { configSchema } from "../config.ts"
import { type Context, createContext, type Services } from "../context.ts"
import { DomainError } from "../contract/errors.ts"
import { createAccountLink } from "../people/create-account-link.ts"
import { createUser } from "../people/create-user.ts"

/** Break-glass administration through the same verbs as the pages, as the system, audited with the source `cli`. */
export const ADMIN_USAGE = `
npm run admin -- COMMAND

  create-user --email E --name N [--role admin|auditor|client]   makes an account; prints the link that sets its password
  reset-password --email E                                       prints a new link that sets the password
  enroll-collector --site SLUG --name N                          prints an enrollment code for a collector
  verify-audit [--contains SEAL]                                 checks every row of the audit log against its seal

Links are good for 72 hours, codes for 15 minutes; each is printed once and works once.
verify-audit ends with 1 when something is wrong; with a seal that you kept elsewhere it also tells whether the log was cut
off or rewritten since. The database is DATABASE_URL,
else the embedded one of LAMPROOM_DATA, which has to run (npm start).
`

const OWN_OPTIONS = ["email", "name", "role", "site", "contains"] as const
type Options = Partial<Record<(typeof OWN_OPTIONS)[number], string>>
type Command = (ctx: Context, options: Options, baseUrl: string) => Promise<string[]>

const COMMANDS: Record<string, Command> = {
  "create-user": async (ctx, options, baseUrl) => {
    const email = needed(options, "email")
    const name = needed(options, "name")
    const { role } = options
    if (role !== undefined && role !== "admin" && role !== "auditor" && role !== "client")
      throw new DomainError(
        "INVALID",
        "--role is admin, auditor or client; roles at a site are given in the pages.",
      )
    const { link } = await createUser(ctx, {
      email,
      name,
      account: role === "client" ? "client" : "staff",
      globalRole: role === "admin" || role === "auditor" ? role : null,
    })
    return [`${email} is made. This link sets the password:`, linkLine(baseUrl, link)]
  },
  "reset-password": async (ctx, options, baseUrl) => {
    const email = needed(options, "email")
    const account = await findAccountByEmail(ctx.db, email)
    if (!account) throw new DomainError("NOT_FOUND", `There is no account with the e-mail ${email}.`)
    const link = await createAccountLink(ctx, { userId: account.id })
    return [
      `This link sets a new password for ${account.email}; the old one works until then:`,
      linkLine(baseUrl, link),
    ]
  },
  "enroll-collector": async (ctx, options) => {
    const slug = needed(options, "site")
    const deviceName = needed(options, "name")
    const site = await findSiteBySlug(ctx.db, { kind: "all" }, slug)
    if (!site) throw new DomainError("NOT_FOUND", `There is no site "${slug}".`)
    const { code, expiresAt } = await createEnrollmentCode(ctx, { siteId: site.id, deviceName })
    return [
      `Start the collector with this code (LAMPROOM_ENROLL_CODE), good until ${expiresAt.toISOString()}:`,
      `  ${code}`,
    ]
  },
  "verify-audit": async (ctx, { contains }) => {
    if (contains !== undefined && !/^[0-9a-f]{64}$/i.test(contains))
      throw new DomainError("INVALID", "--contains is a seal: 64 hexadecimal digits.")
    const verdict = await verifyAudit(ctx, contains === undefined ? {} : { contains })
    const lines = verdictLines(verdict, contains)
    if (!verdict.ok) throw new DomainError("CONFLICT", lines.join("\n"))
    return lines
  },
}

function verdictLines(verdict: AuditVerdict, contains: string | undefined): string[] {
  const { rows, head, firstAt, lastAt, waiting, problems, problemCount } = verdict
  const span = firstAt && lastAt ? `, from ${firstAt.toISOString()} to ${lastAt.toISOString()}` : ""
  const lines = [
    problemCount === 0
      ? `The audit log is whole: ${rows} sealed rows${span}; ${waiting} waiting to be sealed.`
      : `The audit log is NOT whole: ${problemCount} ${problemCount === 1 ? "problem" : "problems"} in ${rows} sealed rows${span}.`,
    ...problems.map((problem) => `  ${problem.message}`),
  ]
  if (problemCount > problems.length) lines.push(`  … and ${problemCount - problems.length} more.`)
  if (head) lines.push(`Newest seal: ${head}`)
  if (contains !== undefined && problemCount === 0) lines.push("It contains the seal that you kept.")
  if (head && contains === undefined)
    lines.push(
      "Keep it somewhere else: --contains proves later that nothing up to it was cut off or rewritten.",
    )
  return lines
}

/** Runs one command and returns what to print. Throws DomainError for a wrong command line as well. */
export async function runAdminCommand(
  services: Services,
  argv: string[],
  baseUrl: string,
): Promise<string[]> {
  const { name, options } = readArguments(argv)
  const command = COMMANDS[name]
  if (!command) throw new DomainError("INVALID", `Unknown command "${name}".\n${ADMIN_USAGE}`)
  const ctx = createContext(services, {
    actor: { kind: "system", name: "admin command line" },
    requestId: randomUUID(),
    source: "cli",
  })
  return command(ctx, options, baseUrl)
}

function readArguments(argv: string[]): { name: string; options: Options } {
  const configuration = Object.keys(configSchema.shape).map((name) => name.toLowerCase().replaceAll("_", "-"))
  const known = [...OWN_OPTIONS, ...configuration].map((name) => [name, { type: "string" as const }])
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: Object.fromEntries(known),
      allowPositionals: true,
    })
    return { name: positionals[0] ?? "", options: values as Options }
  } catch (error) {
    throw new DomainError("INVALID", `${(error as Error).message}\n${ADMIN_USAGE}`, { cause: error })
  }
}

function needed(options: Options, name: (typeof OWN_OPTIONS)[number]): string {
  const value = options[name]
  if (!value) throw new DomainError("INVALID", `--${name} is missing.\n${ADMIN_USAGE}`)
  return value
}

function linkLine(baseUrl: string, link: { token: string; expiresAt: Date }): string {
  return `  ${new URL(`/welcome/${link.token}`, baseUrl).href}  (until ${link.expiresAt.toISOString()})`
}
