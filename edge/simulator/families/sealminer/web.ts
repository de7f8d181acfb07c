import { html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { hash32 } from "../../random.ts"
import { takeOver, traitsOf } from "./rpc.ts"

/** PHP pages behind a form; the session is a cookie that a reboot forgets. */
const SESSION = "sealminer session"
const LOGIN = "/cgi-bin/login.php"
const FRONT =
  '<!doctype html><html><head><title>Miner</title><link href="/amazeui.min.css"></head><body></body></html>'

/** The machine's numbers of its modes, and how the settings number them. */
const MODES = { low_power: 0, normal: 2, high_performance: 3 }
const SETTINGS_MODE: Record<number, number> = { 0: 3, 2: 0, 3: 2 }
const modeNumber = (miner: SimulatedMiner) =>
  Number(
    Object.keys(SETTINGS_MODE).find((number) => SETTINGS_MODE[Number(number)] === miner.settings.mode) ?? 2,
  )

const pathOf = (url: string) => url.split("?")[0]!
const form = (body: string) => new URLSearchParams(body)

/** Who is not logged in is sent to the form. */
export function admit(miner: SimulatedMiner, request: WebRequest): WebAnswer | null {
  const path = pathOf(request.url)
  if (!path.startsWith("/cgi-bin/") || path === LOGIN) return null
  const session = miner.memory.get(SESSION)
  const given = /PHPSESSID=([0-9a-f]+)/.exec(request.headers.cookie ?? "")?.[1]
  if (session !== undefined && given === session && !miner.hasFault("other-password")) return null
  return { ...html("<html>Found</html>", 302), headers: { Location: "/login.html" } }
}

export function actOf(request: WebRequest): { name: string; refusal: WebAnswer } | null {
  const page = /\/(reboot|led_conf|set_mining_mode)\.php$/.exec(pathOf(request.url))?.[1]
  return page === undefined ? null : { name: page, refusal: json({ result: "error" }, 500) }
}

export function answer(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  switch (pathOf(request.url)) {
    case "/":
      return html(FRONT)
    case LOGIN:
      return logIn(miner, form(request.body))
    case "/cgi-bin/get_system_info.php":
      return json({
        ...{
          miner_type: traitsOf(miner).model,
          macaddr: macOf(miner),
          crtl_sn: `A2CB${miner.seed % 10_000_000}`,
        },
        firmware_version: miner.firmwareVersion ?? traitsOf(miner).version,
        ...{ led: miner.blinking ? "on" : "off", DHCP: "1", upgrade_result: "0\n" },
        ...MODES,
        miningMode: String(modeNumber(miner)),
      })
    case "/cgi-bin/led_conf.php": {
      const state = form(request.body).get("value")
      if (form(request.body).get("key") !== "led" || !/^o(n|ff)$/.test(state ?? ""))
        return json({ result: "error" }, 400)
      miner.act("blink", { on: state === "on" })
      miner.blinking = state === "on"
      return json({ result: "ok" })
    }
    case "/cgi-bin/set_mining_mode.php": {
      const mode = SETTINGS_MODE[Number(form(request.body).get("miningMode") ?? Number.NaN)]
      if (mode === undefined) return json({ result: "error" }, 400)
      miner.act("conf", { mode })
      miner.adjust({ ...miner.settings, mode })
      return json({ result: "ok" })
    }
    case "/cgi-bin/reboot.php":
      miner.act("reboot-hard", { via: "reboot.php" })
      return {
        ...json({ result: "ok" }),
        after: () => {
          takeOver(miner)
          miner.rebootHard()
        },
      }
    default:
      return html("<html>404</html>", 404)
  }
}

/** A wrong password gets a session too, which opens nothing. */
function logIn(miner: SimulatedMiner, fields: URLSearchParams): WebAnswer {
  const right = fields.get("username") === "seal" && fields.get("origin_pwd") === miner.passwordOr("seal")
  const session = hash32(miner.seed, Math.floor(miner.nowS())).toString(16)
  if (right) miner.memory.set(SESSION, session)
  const cookie = `PHPSESSID=${right ? session : "0"}; path=/`
  return { ...html("<html>Found</html>", 302), headers: { Location: "/", "Set-Cookie": cookie } }
}
