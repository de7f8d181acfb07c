import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { listFiles, ROOT } from "../../../architecture/sources.ts"
import type { Access } from "../../../contract/surface.ts"
import { ACTION_ROWS, type ActionRow } from "./actions.ts"
import { type Answer, ask, dataPath } from "./ask.ts"
import { type Company, EVERYBODY, type Who } from "./company.ts"
import { isAllowed, leakIn } from "./expected.ts"
import { fill, fillForm, type Whose } from "./things.ts"
import { differences, traceOf } from "./trace.ts"

/** Sends every form as everybody, for his own things and for foreign ones, as a document and as the pages' code does. */
export function walkActions(company: Company): void {
  describe("actions", () => {
    it("have a row each, and each intent too", () => {
      const walked = new Set(ACTION_ROWS.map(({ route, intent }) => `${route} ${intent ?? ""}`.trim()))
      expect([...walked].sort()).toEqual(actionsInTheSource().sort())
    })

    it.each(ACTION_ROWS)("$route: $does", async (row) => {
      const wrong: string[] = []
      for (const whose of variantsOf(row)) {
        wrong.push(...(await sendAsRefused(company, row, whose)))
        for (const who of EVERYBODY)
          if (isLetThrough(row, who, whose)) wrong.push(...(await sendAsAllowed(company, row, who, whose)))
      }
      expect(wrong).toEqual([])
      expect(company.failures).toEqual([])
    })

    it.each(ACTION_ROWS)("$route: $does from another site's page is refused", async (row) => {
      const { path, form, file } = await formOf(company, row, "own")
      const before = await traceOf(company)
      for (const origin of ["https://evil.test", "null", null])
        for (const address of [path, dataPath(path)]) {
          const { outcome } = await ask(company, address, form, {
            file,
            cookie: company.cookies.admin,
            origin,
          })
          expect(outcome, `admin POST ${address} from ${origin}`).toBe(403)
        }
      expect(differences(before, await traceOf(company))).toEqual([])
    })
  })
}

function variantsOf(row: ActionRow): Whose[] {
  return [
    "own",
    ...(row.hasOwner ? (["another's"] as const) : []),
    ...(row.hasSite ? (["foreign"] as const) : []),
  ]
}

function ruleOf({ needs }: ActionRow): Access {
  return typeof needs === "string"
    ? { access: needs }
    : { access: "permission", permission: needs[0], need: needs[1] }
}

function hasRight(row: ActionRow, who: Who): boolean {
  const exception = row.but?.[who]
  return exception ? exception === "allowed" : isAllowed(ruleOf(row), who)
}

const isHidden = (who: Who, whose: Whose) =>
  whose === "foreign" ? who !== "admin" : whose === "another's" && who === "client"

const isLetThrough = (row: ActionRow, who: Who, whose: Whose) => hasRight(row, who) && !isHidden(who, whose)

async function formOf(company: Company, row: ActionRow, whose: Whose) {
  const fields = { ...(row.intent ? { intent: row.intent } : {}), ...row.fields }
  const file = row.file && { ...row.file, text: await fill(company, row.file.text, whose) }
  return { path: await fill(company, row.post, whose), form: await fillForm(company, fields, whose), file }
}

const told = (row: ActionRow, who: Who, whose: Whose, address: string) =>
  `${who} POST ${address} (${row.does}, ${whose})`

/** One form for all who are refused: it must be as good after each as it was before. */
async function sendAsRefused(company: Company, row: ActionRow, whose: Whose): Promise<string[]> {
  const refused = EVERYBODY.filter((who) => !isLetThrough(row, who, whose))
  if (refused.length === 0) return []
  const wrong: string[] = []
  const { path, form, file } = await formOf(company, row, whose)
  let before = await traceOf(company)
  for (const who of refused) {
    for (const address of [path, dataPath(path)]) {
      const answer = await ask(company, address, form, { file, cookie: company.cookies[who] })
      const expected = refusalsOf(row, who, whose)
      if (!expected.includes(answer.outcome))
        wrong.push(
          `${told(row, who, whose, address)}: expected ${expected.join(" or ")}, got ${answer.outcome}`,
        )
      const leak = leakIn(answer.text, who)
      if (leak) wrong.push(`${told(row, who, whose, address)}: the answer holds "${leak}"`)
    }
    const after = await traceOf(company)
    const touched = differences(before, after)
    if (touched.length > 0)
      wrong.push(`${told(row, who, whose, path)}: left a trace in ${touched.join(", ")}`)
    before = after
  }
  return wrong
}

function refusalsOf(row: ActionRow, who: Who, whose: Whose): Answer["outcome"][] {
  if (who === "anonymous") return ["login", 401, 403, 404]
  return hasRight(row, who) && isHidden(who, whose) ? [404] : [403, 404]
}

async function sendAsAllowed(company: Company, row: ActionRow, who: Who, whose: Whose): Promise<string[]> {
  const { path, form, file } = await formOf(company, row, whose)
  const cookie = row.ownSession ? await company.newCookie(who) : company.cookies[who]
  const before = await traceOf(company)
  const { outcome } = await ask(company, path, form, { file, cookie })
  const touched = differences(before, await traceOf(company))
  const wrong: string[] = []
  const isRight = row.answer ? outcome === row.answer : outcome === 200 || String(outcome).startsWith("to /")
  if (!isRight)
    wrong.push(
      `${told(row, who, whose, path)}: expected ${row.answer ?? "to be let through"}, got ${outcome}`,
    )
  const mayLeaveNone = row.traceless || (row.ownSession && who === "anonymous")
  if (mayLeaveNone !== true && touched.length === 0)
    wrong.push(`${told(row, who, whose, path)}: answered ${outcome} and stored nothing`)
  if (row.traceless && touched.length > 0)
    wrong.push(`${told(row, who, whose, path)}: left a trace in ${touched.join(", ")}`)
  return wrong
}

/** `route` or `route intent` of every action in the source; intents also in what the route imports from `app/lib`. */
function actionsInTheSource(): string[] {
  const textOf = (path: string) => readFileSync(`${ROOT}/${path}`, "utf8")
  return listFiles("app/routes", /(?<!\.test)\.tsx?$/).flatMap((path) => {
    const text = textOf(path)
    if (!/export\s+(async\s+)?(function|const)\s+action\b|export\s*\{[^}]*\baction\b/.test(text)) return []
    const route = path.replace(/^app\/routes\//, "").replace(/(\/route)?\.tsx?$/, "")
    const imported = [...text.matchAll(/from "#(app\/lib\/[^"]+)"/g)].map(([, lib]) => textOf(lib ?? ""))
    const intents = [text, ...imported]
      .filter((source) => source.includes('form.text("intent")'))
      .flatMap((source) => [...source.matchAll(/case "([^"]+)"|intent(?:"\))? ===? "([^"]+)"/g)])
      .map((match) => match[1] ?? match[2])
    return intents.length > 0 ? [...new Set(intents)].map((intent) => `${route} ${intent}`) : [route]
  })
}
