import { type Door, html, json, type WebAnswer, type WebDoor, type WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { hash32, seedOf } from "../../random.ts"
import { bodies, miningStatus, telemetry } from "./bodies.ts"
import { acts } from "./writes.ts"

/** REST on 443 with a certificate of the rig's own, and on 80. */
const API = "/api/v1/"
const PASSWORD = "proto"
/** Told to everybody. */
const OPEN = new Set(["system", "system/status", "network", "hardware", "pairing/info"])
const LOGINS = new Set(["auth/login", "auth/password"])

const pathOf = (url: string) => (url.startsWith(API) ? url.slice(API.length).split("?")[0]! : null)
const tokenOf = (miner: SimulatedMiner) =>
  `jwt.${hash32(seedOf(miner.passwordOr(PASSWORD)), miner.seed)}.${miner.bootedS}`

function admit(miner: SimulatedMiner, request: WebRequest): WebAnswer | null {
  const path = pathOf(request.url)
  if (path === null || LOGINS.has(path) || (request.method === "GET" && OPEN.has(path))) return null
  return request.headers.authorization === `Bearer ${tokenOf(miner)}`
    ? null
    : json({ error: { code: "UNAUTHORIZED", message: "Missing or expired token" } }, 401)
}

const nameOf = ({ method, url }: WebRequest) =>
  `${method} ${(pathOf(url) ?? "").replace(/^pools\/\d+$/, "pools/:id")}`

function answer(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const path = pathOf(request.url)
  if (path === null)
    return html('<!doctype html><html><head><meta charset="utf-8"><title>Proto OS</title></head></html>\n')
  if (request.method === "POST" && path === "auth/login") return logIn(miner, request)
  const act = acts[nameOf(request)]
  if (act !== undefined) return act(miner, request)
  if (request.method !== "GET") return notFound()
  miner.countRead(`web:${path}`)
  if (path === "mining") {
    const status = miningStatus(miner)
    return status === null ? { status: 204, body: "" } : json(status)
  }
  if (path === "telemetry") return json(telemetry(miner))
  return Object.hasOwn(bodies, path) ? json(bodies[path]!(miner)) : notFound()
}

const notFound = () => json({ error: { code: "NOT_FOUND", message: "No such resource" } }, 404)

function logIn(miner: SimulatedMiner, { body }: WebRequest): WebAnswer {
  let given: unknown
  try {
    given = JSON.parse(body).password
  } catch {
    return json({ message: "not JSON" }, 400)
  }
  if (given !== miner.passwordOr(PASSWORD)) return json({ message: "Invalid password" }, 401)
  const token = tokenOf(miner)
  return json({ access_token: token, refresh_token: token })
}

const door = (port: number): WebDoor => ({
  kind: "web",
  port,
  server: "miner-api-server",
  admit,
  answer,
  actOf: (_miner, request) =>
    Object.hasOwn(acts, nameOf(request))
      ? {
          name: nameOf(request),
          refusal: json({ error: { code: "REFUSED", message: "The rig refuses it" } }, 409),
        }
      : null,
  isUpload: ({ method, url }) => method === "PUT" && pathOf(url) === "system/update",
})

export const protoRigDoors: readonly Door[] = [door(80), { ...door(443), tls: true }]
