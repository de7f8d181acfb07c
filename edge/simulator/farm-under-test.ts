import { rmSync } from "node:fs"
import { connect } from "node:net"
import { afterEach } from "vitest"
import { ManualClock } from "./clock.ts"
import { digestResponse } from "./digest.ts"

export const REALM = "antMiner Configuration"

import { type Farm, type FarmOptions, startFarm } from "./farm.ts"
import type { FarmSpec } from "./farm-spec.ts"

/** For tests: a small farm on a standing clock and ports of its own, and clients that know no driver. */
const open: Farm[] = []
export const folders: string[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((farm) => farm.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

export const one = "127.77.0.1"
export const spec: FarmSpec = {
  seed: 7,
  miners: [
    { address: one, profile: "s19j-pro", worker: "acct.one" },
    { address: "127.77.0.2", profile: "s19-pro" },
    { address: "127.77.0.3", profile: "ebit-e12", privileged: true },
    { address: "127.77.0.4", profile: "s9" },
  ],
}

export async function start(options: FarmOptions = {}, of = spec): Promise<Farm> {
  const farm = await startFarm(of, { clock: new ManualClock(), rpcPort: 0, webPort: 0, ...options })
  open.push(farm)
  return farm
}

/** The raw reply; rejects with the socket's error. */
export function rpc(farm: Farm, address: string, request: string): Promise<string> {
  const { host, rpcPort } = farm.target(address)
  return new Promise((resolve, reject) => {
    const socket = connect(rpcPort, host, () => socket.write(request))
    const chunks: Buffer[] = []
    socket.on("data", (chunk: Buffer) => chunks.push(chunk))
    socket.on("end", () => resolve(Buffer.concat(chunks).toString("latin1")))
    socket.on("error", reject)
  })
}
export async function summary(farm: Farm, address: string): Promise<Record<string, number>> {
  const reply = await rpc(farm, address, '{"command":"summary"}')
  return JSON.parse(reply.replaceAll("\0", "")).SUMMARY[0]
}

type WebReply = { status: number; body: string; authenticate: string | null }
export async function fetchWeb(
  farm: Farm,
  address: string,
  path: string,
  init: RequestInit = {},
): Promise<WebReply> {
  const { host, webPort } = farm.target(address)
  const response = await fetch(`http://${host}:${webPort}${path}`, {
    ...init,
    redirect: "manual",
    headers: { Connection: "close", ...init.headers },
  })
  return {
    status: response.status,
    body: await response.text(),
    authenticate: response.headers.get("www-authenticate"),
  }
}
export async function web(
  farm: Farm,
  address: string,
  path: string,
  post?: string | Buffer<ArrayBuffer>,
  password = "root",
  signal: AbortSignal | null = null,
  type = "application/json",
): Promise<WebReply> {
  const challenge = await fetchWeb(farm, address, path)
  const nonce = /nonce="(\w+)"/.exec(challenge.authenticate ?? "")![1]!
  const method = post === undefined ? "GET" : "POST"
  const [nc, cnonce] = ["00000001", "0a4f113b"]
  const response = digestResponse({
    user: "root",
    password,
    realm: REALM,
    method,
    uri: path,
    nonce,
    nc,
    cnonce,
  })
  const Authorization = `Digest username="root", realm="${REALM}", nonce="${nonce}", uri="${path}", qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`
  return fetchWeb(farm, address, path, {
    method,
    signal,
    headers: { Authorization, ...(post === undefined ? {} : { "Content-Type": type }) },
    ...(post === undefined ? {} : { body: post }),
  })
}
export const unchanged = async (farm: Farm, address: string) => {
  const conf = JSON.parse((await web(farm, address, "/cgi-bin/get_miner_conf.cgi")).body)
  return JSON.stringify({
    "bitmain-fan-ctrl": conf["bitmain-fan-ctrl"],
    "bitmain-fan-pwm": conf["bitmain-fan-pwm"],
    "miner-mode": Number(conf["bitmain-work-mode"]),
    "bitmain-work-mode": Number(conf["bitmain-work-mode"]),
    "freq-level": conf["bitmain-freq-level"],
    pools: conf.pools,
  })
}
