/**
 * By what a family is known (`protocols/README.md` §2.2). Evaluated from the top: firmware of third parties calls
 * itself "Antminer" too, so the stock family comes last.
 */
type RpcSignature = { family: string; anyOf: readonly string[] }

/** Looked for in the upper-cased replies to `version` and `devdetails`. */
const RPC_SIGNATURES: readonly RpcSignature[] = [
  { family: "braiins", anyOf: ["BOSMINER", "BOSER", "BRAIINS"] },
  { family: "luxos", anyOf: ["LUXMINER", "LUXOS"] },
  { family: "marathon", anyOf: ["KAONSU", "MARAFW"] },
  { family: "vnish", anyOf: ["VNISH"] },
  { family: "hiveon", anyOf: ["HIVEON"] },
  { family: "mskminer", anyOf: ["RWGLR"] },
  { family: "whatsminer-v2", anyOf: ["BTMINER", "BITMICRO", "WHATSMINER"] },
  { family: "sealminer", anyOf: ["BDMINER"] },
  { family: "avalon", anyOf: ["AVALON"] },
  { family: "auradine", anyOf: ["GCMINER", "FLUXOS"] },
  { family: "goldshell", anyOf: ["INTCHAINS_QOMO", "KDAMINER", "BFGMINER"] },
  { family: "innosilicon", anyOf: ["INNOMINER"] },
]

/** The family that a reply to `version` or `devdetails` gives away, or null. */
export function familyByRpc(reply: unknown, command: "version" | "devdetails"): string | null {
  const text = JSON.stringify(reply).toUpperCase()
  for (const { family, anyOf } of RPC_SIGNATURES) if (anyOf.some((each) => text.includes(each))) return family
  return command === "version" && text.includes("ANTMINER") ? "antminer-stock" : null
}

export type WebPage = { status: number; location: string; realm: string; body: string }

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
  body("luckyminer", "Lucky miner"),
  body("axeos", "AxeOS"),
  realm("antminer-stock", /^antMiner/i),
]

export function familyByWeb(page: WebPage): string | null {
  return WEB_SIGNATURES.find(({ seen }) => seen(page))?.family ?? null
}

/**
 * Families that are recognised but have no driver of their own yet. `make` is the hardware's; `cgminer` says that
 * the common protocol on port 4028 tells at least the totals.
 */
export const OTHER_FAMILIES: Readonly<Record<string, { make: string; name: string; cgminer: boolean }>> = {
  braiins: { make: "Antminer", name: "Braiins OS", cgminer: true },
  luxos: { make: "Antminer", name: "LuxOS", cgminer: true },
  marathon: { make: "Antminer", name: "MARA firmware", cgminer: true },
  vnish: { make: "Antminer", name: "VNish", cgminer: true },
  hiveon: { make: "Antminer", name: "Hiveon", cgminer: true },
  mskminer: { make: "Antminer", name: "MSKMiner", cgminer: true },
  sealminer: { make: "SealMiner", name: "SealMiner", cgminer: true },
  avalon: { make: "Avalon", name: "Avalon", cgminer: true },
  auradine: { make: "Auradine", name: "FluxOS", cgminer: true },
  goldshell: { make: "Goldshell", name: "Goldshell", cgminer: true },
  innosilicon: { make: "Innosilicon", name: "Innosilicon", cgminer: true },
  epic: { make: "ePIC", name: "ePIC", cgminer: false },
  volcminer: { make: "VolcMiner", name: "VolcMiner", cgminer: false },
  hammer: { make: "Hammer", name: "Hammer or VolcMiner", cgminer: false },
  elphapex: { make: "Elphapex", name: "Elphapex", cgminer: false },
  futurebit: { make: "FutureBit", name: "FutureBit Apollo", cgminer: false },
  iceriver: { make: "IceRiver", name: "IceRiver", cgminer: false },
  "proto-rig": { make: "Proto", name: "Proto Rig", cgminer: false },
  nerdqaxe: { make: "NerdQAxe", name: "NerdQAxe", cgminer: false },
  luckyminer: { make: "Lucky Miner", name: "Lucky Miner", cgminer: false },
  axeos: { make: "Bitaxe", name: "AxeOS", cgminer: false },
}
