import { json, type WebAnswer, type WebRequest } from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { parseOperation, project, type Selection } from "./graphql-query.ts"
import { graphqlTree } from "./graphql-tree.ts"
import { frontPage } from "./rest.ts"
import { newToken, set, tokensOf, traitsOf } from "./traits.ts"

/** BOSer's GraphQL of 21.09 to 25.05: reads and mutations behind a cookie, and LuCI's page that tells the MAC. */
const LAN = "/cgi-bin/luci/admin/network/iface_status/lan"
const errors = (message: string) => json({ data: null, errors: [{ message }] })
const isLogin = (request: WebRequest) => /\blogin\s*\(/.test(request.body)

export function admitGraphql(miner: SimulatedMiner, request: WebRequest): WebAnswer | null {
  const path = request.url.split("?")[0]!
  if ((path !== "/graphql" && path !== LAN) || (path === "/graphql" && isLogin(request))) return null
  const cookies = (request.headers.cookie ?? "").split(/;\s*/)
  if ([...tokensOf(miner)].some((token) => cookies.includes(`session_id=${token}`))) return null
  return path === LAN ? json({}, 403) : errors("Unauthorized: log in first")
}

type Mutation = (miner: SimulatedMiner, args: Record<string, unknown>) => string | (() => void)

/** By the path of their fields. A text is a refusal; else what happens when the answer has left. */
const mutations: Readonly<Record<string, Mutation>> = {
  "bos.setFaultLight": (miner, { enable }) => {
    if (typeof enable !== "boolean") return "A boolean is expected"
    miner.act("blink", { on: enable })
    miner.blinking = enable
    return nothing
  },
  "bos.reboot": (miner) => {
    miner.act("reboot-hard", { via: "bos.reboot" })
    return () => miner.rebootHard()
  },
  "bos.setPassword": (miner, { newPassword }) => {
    if (typeof newPassword !== "string") return "A password is expected"
    miner.act("login", { user: "root" })
    return () => {
      miner.password = newPassword
      tokensOf(miner).clear()
    }
  },
  "bosminer.start": (miner) => {
    if (miner.sleeping) set(miner, "start", { mode: 0 })
    return nothing
  },
  "bosminer.stop": (miner) => {
    if (!miner.sleeping) set(miner, "stop", { mode: 1 })
    return nothing
  },
  "bosminer.restart": (miner) => {
    const pending = miner.settings.extra.groups as SimulatedMiner["settings"]["pools"] | undefined
    if (pending === undefined) miner.act("reboot-soft", { via: "bosminer.restart" })
    return () => {
      const { groups: _, ...extra } = miner.settings.extra
      miner.settings = { ...miner.settings, extra, ...(pending ? { pools: pending } : {}) }
      miner.restartMining()
    }
  },
  "bosminer.config.updateAutotuning": (miner, { input, apply }) => {
    const watts = Number((input as Record<string, unknown> | undefined)?.powerTarget)
    const [min, max] = traitsOf(miner).powerRangeW
    if (!(watts >= min && watts <= max) || apply !== true) return "Power target is out of range"
    set(miner, "power target", { powerLimitW: watts })
    return nothing
  },
  "bosminer.config.updateGroups": (miner, { groups }) => {
    const list = Array.isArray(groups) ? groups : []
    const pools = list.flatMap((group) => (group as { pools?: Record<string, unknown>[] }).pools ?? [])
    if (pools.length === 0) return "At least one pool is expected"
    const entries = pools.map(({ url, user, password }) => ({
      url: String(url),
      user: String(user),
      pass: String(password ?? ""),
    }))
    // Written down now, mined for after the restart.
    set(miner, "groups", { extra: { ...miner.settings.extra, groups: entries } })
    return nothing
  },
}
const nothing = () => undefined

/** The one mutation in a request, its path and arguments. */
function mutationOf(fields: readonly Selection[]): { path: string; field: Selection } | null {
  const names: string[] = []
  let field = fields[0]
  while (field) {
    names.push(field.name)
    const path = names.join(".")
    if (Object.hasOwn(mutations, path) || path === "auth.login") return { path, field }
    field = field.fields?.[0]
  }
  return null
}

function operationOf(body: string) {
  try {
    return parseOperation(String(JSON.parse(body).query))
  } catch (error) {
    return error as Error
  }
}

export function graphqlActOf(request: WebRequest): { name: string; refusal: WebAnswer } | null {
  if (request.url !== "/graphql" || request.method !== "POST") return null
  const operation = operationOf(request.body)
  if (operation instanceof Error || operation.kind !== "mutation") return null
  const mutation = mutationOf(operation.fields)
  if (mutation === null || mutation.path === "auth.login") return null
  return { name: mutation.path, refusal: errors("The miner cannot do this now") }
}

export function answerGraphql(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const path = request.url.split("?")[0]!
  if (path === LAN) {
    miner.countRead("web:iface_status")
    return json([{ macaddr: macOf(miner).toLowerCase() }])
  }
  if (path !== "/graphql" || request.method !== "POST") return frontPage(path)
  const operation = operationOf(request.body)
  if (operation instanceof Error) return errors(operation.message)
  if (operation.kind === "mutation") return mutate(miner, operation.fields)
  miner.countRead("graphql")
  try {
    return json({ data: project(graphqlTree(miner), operation.fields, "Query") })
  } catch (error) {
    return errors((error as Error).message)
  }
}

function mutate(miner: SimulatedMiner, fields: readonly Selection[]): WebAnswer {
  const mutation = mutationOf(fields)
  if (mutation === null) return errors(`Unknown field "${fields[0]?.name}" on type "Mutation"`)
  const { path, field } = mutation
  if (path === "auth.login") return logIn(miner, field.args)
  const done = mutations[path]!(miner, field.args)
  if (typeof done === "string") {
    miner.act("refused", { mutation: path, reason: done })
    return json({ data: nested(path, { __typename: "AttributeError", message: done }) })
  }
  return { ...json({ data: nested(path, { __typename: "VoidResult" }) }), after: done }
}

function logIn(miner: SimulatedMiner, { username, password }: Record<string, unknown>): WebAnswer {
  if (username !== "root" || password !== miner.passwordOr(""))
    return json({ data: nested("auth.login", { __typename: "LoginError", message: "Wrong credentials" }) })
  return {
    ...json({ data: nested("auth.login", { __typename: "VoidResult" }) }),
    headers: { "Set-Cookie": `session_id=${newToken(miner)}; Path=/` },
  }
}

const nested = (path: string, value: unknown): unknown =>
  path.split(".").reduceRight((inner, name) => ({ [name]: inner }), value)
