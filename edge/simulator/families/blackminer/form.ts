import type { WebAnswer } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { MinerSettings } from "../../miner-settings.ts"
import { readMiner } from "../../reading.ts"

/** VolcMiner's own pages: its settings in two of them, one form for all, a status that is no JSON, its password. */
const PASSWORD = "ltc@dog"
const text = (body: string): WebAnswer => ({ status: 200, body, html: true })

const FIELDS = (
  "nobeeper notempoverctrl fan_customize_switch fan_customize_value_front fan_customize_value_back freq coin_type " +
  "runmode voltage_customize_value ema debug"
)
  .split(" ")
  .map((name) => `_bb_${name}`)

export const minerConf = ({ settings, profile }: SimulatedMiner) => ({
  pools: [0, 1, 2].map((slot) => settings.pools[slot] ?? { url: "", user: "", pass: "" }),
  "api-listen": true,
  "api-network": true,
  "api-groups": "A:stats:pools:devs:summary:version",
  "api-allow": "R:0/0,W:127.0.0.1",
  freq: String(profile.frequencyMhz),
  "coin-type": "ltc",
  "sram-voltage": "3",
  "fan-ctrl": settings.fanManual,
  "fan-pwm-front": String(settings.fanPwm),
  "fan-pwm-back": String(settings.fanPwm),
  ...settings.extra,
})

/** With a stray comma at the end, as a script writes it. */
export const minerConfV1 = ({ settings }: SimulatedMiner) =>
  text(`{"runmode":"0","voltage":"${settings.voltageMv ?? 1260}","bb_debug_enable":false,}`)

/** What a form leaves out falls back to the factory's. */
export function postForm(miner: SimulatedMiner, body: string): WebAnswer {
  const form = new URLSearchParams(body)
  const missing = FIELDS.filter((field) => !form.has(field))
  const pools = [1, 2, 3].map((n) => ({
    url: form.get(`_bb_pool${n}url`) ?? "",
    user: form.get(`_bb_pool${n}user`) ?? "",
    pass: form.get(`_bb_pool${n}pw`) ?? "",
  }))
  while (pools.at(-1)?.url === "") pools.pop()
  if (pools.length === 0 || missing.length > 0) {
    miner.act("refused", { script: "set_miner_conf", reason: missing.join(" ") || "no pool" })
    return text("error")
  }
  const manual = form.get("_bb_fan_customize_switch") === "true"
  const settings: MinerSettings = {
    ...miner.settings,
    pools,
    fanManual: manual,
    fanPwm: Number(form.get("_bb_fan_customize_value_front") || 100),
    voltageMv: Number(form.get("_bb_voltage_customize_value")),
    // There are fields for nothing else.
    extra: {},
  }
  miner.act("conf", {
    pools: pools.map(({ url, user }) => ({ url, user })),
    fan: { manual, pwm: settings.fanPwm },
  })
  return { ...text("ok"), after: () => miner.applySettings(settings) }
}

/** Behind a head block of its own. */
export function changePassword(miner: SimulatedMiner, body: string): WebAnswer {
  const form = new URLSearchParams(body)
  const wanted = form.get("new_pwd") ?? ""
  const right = form.get("cur_pwd") === miner.passwordOr(PASSWORD) && wanted !== ""
  const code = right ? "200" : "500"
  const answer = text(`Content-type: application/json\r\n\r\n{"code":"${code}"}`)
  if (!right) {
    miner.act("refused", { script: "passwdV1" })
    return answer
  }
  miner.act("login", { user: "root" })
  return {
    ...answer,
    after: () => {
      miner.password = wanted
    },
  }
}

const thousands = (value: number) => value.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",")

/** No JSON: a bare word in each list of temperatures. */
export function minerStatus(miner: SimulatedMiner): WebAnswer {
  const r = readMiner(miner)
  const mhs = (ths: number) => thousands(ths * 1e6)
  const summary = {
    elapsed: String(r.elapsedS),
    ghs5s: mhs(r.ths5s),
    ghsav: mhs(r.thsAvg),
    accepted: String(r.accepted),
    rejected: String(r.rejected),
    stale: String(r.stale),
    hw: String(r.hwErrors),
  }
  const pools = r.pools.map(({ index, url, user, alive, accepted, rejected }) => ({
    index: String(index),
    url,
    user,
    status: alive ? "Alive" : "Dead",
    priority: String(index),
    accepted: String(accepted),
    rejected: String(rejected),
  }))
  const fans = r.fanRpm.map((rpm, i) => `"fan${i + 1}":"${rpm}"`).join(",\n")
  const devs = r.boards.map(
    (board) =>
      `{"index":"${board.slot + 1}","chain_acn":"${board.chipsOk}","freq":"${board.frequencyMhz}",` +
      `"temp":[${Math.max(...board.boardC)},temp5=0],"rate":"${mhs(board.ths)}","chain_acs":"${"o".repeat(board.chipsOk)}"}`,
  )
  return text(
    `{"summary":${JSON.stringify(summary)},\n"pools":${JSON.stringify(pools)},\n${fans},\n"devs":[${devs.join(",")}]}`,
  )
}
