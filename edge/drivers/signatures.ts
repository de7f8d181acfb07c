import type { WebPage } from "./driver.ts"
import { GPU_PROGRAMS } from "./gpu/programs.ts"
import type { Row } from "./transport/reply.ts"

/** By what a family is known (`protocols/README.md` §2.2). */

/**
 * The likelier first where several signs are seen: firmware of third parties calls itself "Antminer" too, so the stock
 * family comes last of all that have a name.
 */
const ORDER: readonly string[] = [
  ..."braiins luxos marathon vnish hiveon mskminer epic elphapex volcminer hammer futurebit whatsminer-v3".split(
    " ",
  ),
  ..."whatsminer-v2 sealminer avalon auradine goldshell innosilicon iceriver proto-rig nerdqaxe".split(" "),
  ..."axeos gpu-trex gpu-teamredminer gpu-lolminer gpu-gminer gpu-xmrig gpu-nbminer gpu-srbminer".split(" "),
  ..."gpu-bzminer antminer-stock generic-cgminer".split(" "),
]
/** Seen together with one of these, another sign may still follow that says more. */
export const SOFT_SIGNS: ReadonlySet<string> = new Set([
  "antminer-stock",
  "generic-cgminer",
  "whatsminer-v2",
  "hammer",
])

/** Lower is surer; what is not in the list comes before what is. */
export const rankOf = (family: string): number => ORDER.indexOf(family)

type RpcSignature = { family: string; anyOf: readonly string[] }

/** Looked for in the upper-cased replies to `version`, `devdetails` and `stats`. */
const RPC_SIGNATURES: readonly RpcSignature[] = [
  { family: "braiins", anyOf: ["BOSMINER", "BOSER", "BRAIINS"] },
  // Before LuxOS, whose name stands in the middle of FluxOS.
  { family: "auradine", anyOf: ["GCMINER", "FLUXOS"] },
  { family: "luxos", anyOf: ["LUXMINER", "LUXOS"] },
  { family: "marathon", anyOf: ["KAONSU", "MARAFW"] },
  { family: "vnish", anyOf: ["VNISH"] },
  { family: "hiveon", anyOf: ["HIVEON"] },
  { family: "mskminer", anyOf: ["RWGLR"] },
  { family: "volcminer", anyOf: ["VOLCMINER"] },
  { family: "hammer", anyOf: ["HAMMER", "BLACKMINER"] },
  { family: "whatsminer-v2", anyOf: ["BTMINER", "BITMICRO", "WHATSMINER"] },
  { family: "sealminer", anyOf: ["BDMINER", "SEALMINER"] },
  { family: "avalon", anyOf: ["AVALON"] },
  { family: "goldshell", anyOf: ["INTCHAINS_QOMO", "KDAMINER", "BFGMINER"] },
  { family: "innosilicon", anyOf: ["INNOMINER"] },
  { family: "gpu-teamredminer", anyOf: ["TEAMREDMINER"] },
]

/** The family that a reply gives away, or null. */
export function familyByRpc(reply: unknown, command: "version" | "devdetails" | "stats"): string | null {
  const text = JSON.stringify(reply).toUpperCase()
  for (const { family, anyOf } of RPC_SIGNATURES) if (anyOf.some((each) => text.includes(each))) return family
  return command !== "devdetails" && text.includes("ANTMINER") ? "antminer-stock" : null
}

type WebSignature = { family: string; seen: (page: WebPage) => boolean }
const body = (family: string, text: string): WebSignature => ({
  family,
  seen: (page) => page.body.includes(text),
})
const realm = (family: string, pattern: RegExp): WebSignature => ({
  family,
  seen: (page) => page.status === 401 && pattern.test(page.realm),
})

/** Looked for in the answer to `GET /`, which is not followed when it redirects. */
const WEB_SIGNATURES: readonly WebSignature[] = [
  body("braiins", "Braiins OS"),
  body("luxos", "Luxor Firmware"),
  body("vnish", "AnthillOS"),
  body("epic", "Miner Web Dashboard"),
  body("volcminer", "VolcMiner"),
  realm("hammer", /^blackMiner/),
  realm("elphapex", /Daoge/),
  { family: "futurebit", seen: (page) => page.status === 308 && page.location.endsWith("/overview") },
  {
    family: "whatsminer-v2",
    seen: (page) =>
      (page.status === 307 && page.location.startsWith("https://")) || page.body.includes("/cgi-bin/luci"),
  },
  body("sealminer", "amazeui"),
  body("avalon", "Avalon"),
  body("auradine", "Miner UI"),
  body("goldshell", "cloud-box"),
  body("innosilicon", "DragonMint"),
  body("iceriver", "<title>用户界面</title>"),
  body("iceriver", "<TITLE>用户界面</TITLE>"),
  { family: "proto-rig", seen: (page) => /<title>[^<]*Proto OS/i.test(page.body) },
  body("nerdqaxe", "Nerd"),
  body("axeos", "Lucky miner"),
  body("axeos", "AxeOS"),
  realm("antminer-stock", /^antMiner/i),
]

export function familyByWeb(page: WebPage): string | null {
  return WEB_SIGNATURES.find(({ seen }) => seen(page))?.family ?? null
}

/** Pages of an API that only reads and wants no login; asked where a web server answers and its front page says nothing. */
export type PathSignature = {
  family: string
  path: string
  seen: (body: Row) => boolean
  /** Never at the ports of web interfaces: a program's API has a port of its own. */
  apart?: true
}

const has = (body: Row, ...keys: string[]) => keys.every((key) => key in body)

export const PATH_SIGNATURES: readonly PathSignature[] = [
  { family: "axeos", path: "/api/system/info", seen: (info) => has(info, "ASICModel") },
  { family: "vnish", path: "/api/v1/info", seen: (info) => has(info, "fw_version", "build_uuid") },
  { family: "epic", path: "/capabilities", seen: (info) => has(info, "Model") },
  ...GPU_PROGRAMS.flatMap(({ family, ask, isIt }) =>
    "http" in ask ? ask.http.map((path) => ({ family, path, seen: isIt, apart: true as const })) : [],
  ),
]
