import { digestRefusal } from "../../digest.ts"
import { type Door, html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { minerConf, networkInfo, pools, power, stats, summary, systemInfo, traits } from "./bodies.ts"
import { readPosted } from "./conf.ts"

/** Elphapex: CGI pages behind HTTP Digest on port 80, and nothing else. */
const LOGIN = { realm: "Daoge Miner", user: "root", password: "root" }
const verdict = (stats: "success" | "error", code: string, msg: string) => json({ stats, code, msg })

const reads: Record<string, (miner: SimulatedMiner) => unknown> = {
  get_system_info: systemInfo,
  get_network_info: networkInfo,
  get_miner_conf: minerConf,
  get_blink_status: (miner) => ({ blink: miner.blinking }),
  get_power: power,
  stats,
  summary,
  pools,
}

const acts: Record<
  string,
  { method: string; run: (miner: SimulatedMiner, body: string) => WebAnswer; refusal: WebAnswer }
> = {
  set_miner_conf: { method: "POST", run: postConf, refusal: verdict("error", "M001", "refused") },
  blink: { method: "POST", run: blink, refusal: verdict("error", "B001", "refused") },
  reboot: { method: "GET", run: reboot, refusal: html("", 500) },
}

export const elphapexDoors: readonly Door[] = [
  {
    kind: "web",
    port: 80,
    admit: (miner, request) => digestRefusal(miner, request, LOGIN),
    answer,
    actOf: (_miner, request) => {
      const name = pageOf(request)
      return name !== null && acts[name]?.method === request.method
        ? { name, refusal: acts[name].refusal }
        : null
    },
  },
]

const pageOf = ({ url }: WebRequest) => /^\/cgi-bin\/(\w+)\.cgi$/.exec(url.split("?")[0]!)?.[1] ?? null

function answer(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const name = pageOf(request)
  if (name === null) return request.url === "/" ? html("<title>Elphapex</title>") : html("404", 404)
  const act = acts[name]
  if (act?.method === request.method) return act.run(miner, request.body)
  const read = reads[name]
  if (read === undefined || (name === "get_power" && !traits(miner).meteredPsu)) return html("404", 404)
  miner.countRead(`web:${name}`)
  return json(read(miner))
}

function postConf(miner: SimulatedMiner, body: string): WebAnswer {
  const read = readPosted(body, miner.settings, traits(miner).posted)
  if ("refused" in read) {
    miner.act("refused", { script: "set_miner_conf", reason: read.refused })
    return verdict("error", "M001", read.refused)
  }
  const { mode, pools: posted, fanManual, fanPwm } = read.settings
  miner.act("conf", {
    mode,
    pools: posted.map(({ url, user }) => ({ url, user })),
    fan: { manual: fanManual, pwm: fanPwm },
  })
  return { ...verdict("success", "M000", "OK!"), after: () => miner.applySettings(read.settings) }
}

function blink(miner: SimulatedMiner, body: string): WebAnswer {
  const on = /"blink"\s*:\s*"(true|false)"/.exec(body)?.[1]
  if (on === undefined) return verdict("error", "B001", "blink must be a text")
  miner.blinking = on === "true"
  miner.act("blink", { on: miner.blinking })
  return verdict("success", miner.blinking ? "B000" : "B100", "OK!")
}

function reboot(miner: SimulatedMiner): WebAnswer {
  miner.act("reboot-hard", { via: "reboot.cgi" })
  return { ...html(""), after: () => miner.rebootHard() }
}
