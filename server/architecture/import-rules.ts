import { type Import, isTest, type Source } from "./sources.ts"

/**
 * Who may import whom (`design.md`, "The house"). Pure: sources in, breaches out, so that the rules themselves are
 * tested with made-up sources.
 */
export type Breach = { path: string; target: string; rule: string }

/** Leaves that every folder may import, the edge included (`decisions.md` 36). */
const LEAVES = [
  /^server\/contract\//,
  /^server\/config\.ts$/,
  /^server\/log\.ts$/,
  /^server\/metrics\.ts$/,
  /^server\/sealed-box\.ts$/,
]
const isLeaf = (target: string) => LEAVES.some((leaf) => leaf.test(target))

/** Packages that one file only may import. */
const SINGLE_HOME: Record<string, string> = {
  "pg-boss": "server/queue.ts",
  lucia: "server/auth/lucia.ts",
  pino: "server/log.ts",
  postgres: "db/postgres-js.ts",
}

/** Composition roots and command lines: they may reach into every room. */
const isComposition = (path: string) =>
  path === "server/main.ts" ||
  path.startsWith("server/http/") ||
  path.startsWith("server/cli/") ||
  path.startsWith("server/bench/") ||
  path.startsWith("server/architecture/")

type Room = "app" | "gateway" | "edge" | "jobs" | "db" | "composition" | "verbs" | "contract" | "tests"

function roomOf(path: string): Room {
  if (isTest(path)) return "tests"
  if (path.startsWith("app/")) return "app"
  // What plays machines to drivers is a test, whoever starts it.
  if (/^edge\/(?:bench|drivers\/conformance)\//.test(path)) return "tests"
  if (path.startsWith("edge/gateway/")) return "gateway"
  if (path.startsWith("edge/")) return "edge"
  if (path.startsWith("jobs/")) return "jobs"
  if (path.startsWith("db/")) return "db"
  if (path.startsWith("server/contract/")) return "contract"
  return isComposition(path) ? "composition" : "verbs"
}

/** What each room may import of the others; itself and the leaves always. */
const MAY: Record<Room, Room[]> = {
  app: ["verbs"],
  gateway: ["verbs"],
  jobs: ["verbs", "db"],
  edge: [],
  verbs: ["db"],
  db: [],
  contract: [],
  composition: ["app", "gateway", "edge", "jobs", "db", "verbs"],
  tests: ["app", "gateway", "edge", "jobs", "db", "verbs", "composition", "tests"],
}

/** Erased imports that cross a border on purpose. */
function allowedType(path: string, used: Import): boolean {
  if (!used.typeOnly) return false
  if (path.startsWith("edge/collector/")) return used.target === "edge/gateway/router.ts"
  if (path.startsWith("app/"))
    return /^server\/http\/load-context\.ts$/.test(used.target) || used.target.startsWith("db/")
  return path.startsWith("edge/gateway/") && /^(db|server)\//.test(used.target)
}

const TRANSPORT = /^(@remix-run\/|@trpc\/|hono$|@hono\/)/

export function breachesOf(source: Source): Breach[] {
  const room = roomOf(source.path)
  const breaches: Breach[] = []
  const breach = (used: Import, rule: string) =>
    breaches.push({ path: source.path, target: used.target, rule })
  for (const used of source.imports) {
    if (!used.own) {
      const home = SINGLE_HOME[used.target]
      if (home && home !== source.path && room !== "tests" && !used.typeOnly)
        breach(used, `${used.target} is imported in ${home} only`)
      if (TRANSPORT.test(used.specifier) && ["verbs", "db", "contract", "jobs"].includes(room))
        breach(used, "transport types stay out of verbs, queries and jobs")
      if (room === "contract" && used.target !== "zod")
        breach(used, "the contract imports zod and itself only")
      if (room === "edge" && /^(react|react-dom|drizzle-orm|postgres)$/.test(used.target))
        breach(used, "the edge ships without database and React")
      continue
    }
    if (isLeaf(used.target) && !(room === "contract" && !used.target.startsWith("server/contract/"))) continue
    if (allowedType(source.path, used)) continue
    const target = roomOf(used.target)
    if (target === room) {
      if (room === "edge" && crossesEdge(source.path, used.target))
        breach(used, "drivers and simulator do not know the collector, and nothing knows the simulator")
      continue
    }
    if (room === "app" && used.specifier.startsWith("."))
      breach(used, "server code is imported by #server/…, never relatively")
    if (!MAY[room].includes(target)) breach(used, `${room} may not import ${target}`)
  }
  return breaches
}

/** Inside the edge: collector → drivers; the simulator and the drivers stand alone. */
function crossesEdge(from: string, to: string): boolean {
  const part = (path: string) => path.split("/")[1] ?? ""
  if (part(from) === part(to)) return false
  if (part(to) === "simulator") return true
  return part(from) === "simulator" || (part(from) === "drivers" && part(to) === "collector")
}
