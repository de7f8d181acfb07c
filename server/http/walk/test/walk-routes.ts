import { describe, expect, it } from "vitest"
import { ROUTES } from "#server/contract/surface.ts"
import { ask, dataPath, type Outcome } from "./ask.ts"
import { type Company, EVERYBODY, type Who } from "./company.ts"
import { isAllowed, leakIn } from "./expected.ts"
import { ROUTE_ROWS, type RouteRow } from "./routes.ts"
import { fill, type Whose } from "./things.ts"

/** Reads every page as everybody: as a document, as data, and the data of its own loader without the frame around it. */
export function walkRoutes(company: Company): void {
  describe("routes", () => {
    it("have an example each", () => {
      expect(Object.keys(ROUTE_ROWS).sort()).toEqual(Object.keys(ROUTES).sort())
    })

    it.each(Object.keys(ROUTE_ROWS))("%s answers everybody as the catalogue says", async (route) => {
      const row = ROUTE_ROWS[route] as RouteRow
      const wrong: string[] = []
      for (const who of EVERYBODY)
        for (const whose of variantsOf(row)) wrong.push(...(await read(company, route, row, who, whose)))
      expect(wrong).toEqual([])
      expect(company.failures).toEqual([])
    })

    it.each([
      "/",
      "/miners",
      "/miners?status=all&q=rack",
      "/sites",
      "/sites/alpha",
      "/sites/alpha/thermal",
      "/miners?owner=none",
      "/commands",
      "/commands?status=PENDING_APPROVAL",
      "/commands?last=day&q=rack",
      "/approvals",
      "/collectors",
      "/audit",
      "/audit.csv",
      "/backups",
      "/templates",
      "/commands/new",
      "/commands/new?filter=",
      "/commands/new?action=CHANGE_POOL&filter=",
      "/settings/firmware",
      "/settings/users",
      "/settings/clients",
      "/account",
    ])("%s shows nobody what is not his", async (path) => {
      for (const who of EVERYBODY)
        for (const address of [path, dataPath(path)]) {
          const { text } = await ask(company, address, null, { cookie: company.cookies[who] })
          expect(leakIn(text, who), `${who} GET ${address}`).toBeNull()
        }
    })
  })
}

function variantsOf(row: RouteRow): Whose[] {
  return [
    "own",
    ...(row.hasOwner ? (["another's"] as const) : []),
    ...(row.hasSite ? (["foreign"] as const) : []),
  ]
}

async function read(
  company: Company,
  route: string,
  row: RouteRow,
  who: Who,
  whose: Whose,
): Promise<string[]> {
  const wrong: string[] = []
  const path = await fill(company, row.own, whose)
  const expected = await Promise.all(
    expectedOf(route, row, who, whose).map(async (one) =>
      typeof one === "number" ? one : ((await fill(company, one, whose)) as Outcome),
    ),
  )
  const told = (address: string) => `${who} GET ${address} (${route}, ${whose})`
  const leaf = route === "_app" ? undefined : route
  const addresses = row.resource
    ? [dataPath(path, leaf)]
    : row.file
      ? [path, dataPath(path, leaf)]
      : [path, dataPath(path), dataPath(path, leaf)]
  for (const address of addresses) {
    const alone = leaf !== undefined && address.includes("_routes=")
    const { outcome, text } = await ask(company, address, null, { cookie: company.cookies[who] })
    // A loader that is asked alone has no frame that sends strangers to the login.
    const also = alone && who === "anonymous" && expected[0] === "login" ? [401, 403, 404] : []
    if (![...expected, ...also].includes(outcome))
      wrong.push(`${told(address)}: expected ${expected.join(" or ")}, got ${outcome}`)
    const leak = leakIn(text, who)
    if (leak) wrong.push(`${told(address)}: the answer holds "${leak}"`)
    if (alone && outcome === 200 && !text.includes(`"routes/${leaf}"`))
      wrong.push(`${told(address)}: another route answered`)
  }
  return wrong
}

function expectedOf(route: string, row: RouteRow, who: Who, whose: Whose): Outcome[] {
  const rule = ROUTES[route]
  if (!rule) return []
  if (who === "anonymous" && rule.access !== "public") return ["login"]
  const exception = row.but?.[who]
  if (exception !== undefined) return [exception]
  const refused = row.refused ?? 403
  const isForeign = whose === "foreign" ? who !== "admin" : whose === "another's" && who === "client"
  if (!isAllowed(rule, who)) return isForeign ? [row.hidden ?? 404, refused] : [refused]
  return [isForeign ? (row.hidden ?? 404) : (row.allowed ?? 200)]
}
