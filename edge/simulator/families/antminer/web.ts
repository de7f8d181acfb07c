import { digestRefusal } from "../../digest.ts"
import type { WebAnswer, WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { readMiner } from "../../reading.ts"
import { imageOf, type Upload } from "../../upload.ts"
import { readLegacyForm, readPostedConf } from "./conf.ts"
import type { AntminerTraits } from "./profiles.ts"
import { minerConf, networkInfo, systemInfo, webPools, webStats, webSummary } from "./web-bodies.ts"

type Script = (miner: SimulatedMiner, request: WebRequest) => WebAnswer

const ok = (body: unknown): WebAnswer => ({ status: 200, body })
const reloading = (miner: SimulatedMiner) => miner.state() === "reloading"
const legacy = (miner: SimulatedMiner) => (miner.profile as Machine & AntminerTraits).generation === "legacy"
const verdict = (stats: "success" | "error", code: string, msg: string) => ok({ stats, code, msg })

const scripts: Record<string, Script> = {
  get_system_info: (miner) => ok(systemInfo(miner)),
  get_network_info: (miner) => ok(networkInfo(miner)),
  get_miner_conf: (miner) => ok(minerConf(miner)),
  stats: (miner) => ok(webStats(miner, readMiner(miner), reloading(miner))),
  summary: (miner) => ok(webSummary(miner, readMiner(miner), reloading(miner))),
  pools: (miner) => ok(webPools(miner, readMiner(miner))),
  get_blink_status: (miner) => ok({ blink: miner.blinking }),
  log: (miner) => ok(`${new Date(miner.session.startedS * 1000).toISOString()} miner started\n`),
  set_miner_conf: (miner, request) => (request.method === "POST" ? postConf(miner, request.body) : notFound),
  blink: (miner, request) => (legacy(miner) ? blinkLegacy(miner, request.body) : blink(miner, request.body)),
  passwd: (miner, request) => (request.method === "POST" ? changePassword(miner, request.body) : notFound),
  upgrade: (miner, request) => (request.method === "POST" ? upgrade(miner, request.upload) : notFound),
  reboot: (miner) => {
    miner.act("reboot-hard", { via: "reboot.cgi" })
    const drop = !(miner.profile as Machine & AntminerTraits).rebootAnswers
    return { status: 200, body: "", html: true, drop, after: () => miner.rebootHard() }
  },
}
/** The older web has no JSON statistics. */
const absentOnLegacy = new Set(["stats", "summary", "pools"])
const notFound: WebAnswer = { status: 404, body: "<html><body>404 - Not Found</body></html>", html: true }

/** Pages that change something, and how each says no. */
const acts: Record<string, { refusal: WebAnswer; only?: (request: WebRequest) => boolean }> = {
  set_miner_conf: { refusal: verdict("error", "M001", "refused"), only: ({ method }) => method === "POST" },
  upgrade: { refusal: verdict("error", "U001", "refused"), only: ({ method }) => method === "POST" },
  passwd: { refusal: verdict("error", "P001", "refused"), only: ({ method }) => method === "POST" },
  blink: {
    refusal: verdict("error", "B002", "refused"),
    only: ({ method, body }) => method === "POST" && !body.includes("onPageLoaded"),
  },
  reboot: { refusal: { status: 500, body: "", html: true } },
}

const scriptOf = (url: string) => /^\/cgi-bin\/(\w+)\.cgi$/.exec(url.split("?")[0]!)?.[1]

/** The page's name and its refusal, when the request would change something. */
export function actOf(request: WebRequest): { name: string; refusal: WebAnswer } | null {
  const script = scriptOf(request.url)
  const act = script !== undefined && Object.hasOwn(acts, script) ? acts[script]! : null
  if (act === null || act.only?.(request) === false) return null
  return { name: script!, refusal: act.refusal }
}

export function isUpload({ method, url }: { method: string; url: string }): boolean {
  return method === "POST" && scriptOf(url) === "upgrade"
}

const LOGIN = { realm: "antMiner Configuration", user: "root", password: "root" }

export function admitAntminer(miner: SimulatedMiner, request: WebRequest): WebAnswer | null {
  return digestRefusal(miner, request, LOGIN)
}

export function answerAntminerWeb(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const path = request.url.split("?")[0]!
  if (path === "/" || path === "/index.html")
    return { status: 200, body: "<html><head><title>Ant Miner</title></head></html>", html: true }
  const name = scriptOf(path)
  if (name === undefined || !Object.hasOwn(scripts, name)) return notFound
  if (legacy(miner) && absentOnLegacy.has(name)) return notFound
  miner.countRead(`web:${name}`)
  return scripts[name]!(miner, request)
}

function postConf(miner: SimulatedMiner, body: string): WebAnswer {
  const profile = miner.profile as Machine & AntminerTraits
  const { generation } = profile
  const read =
    generation === "legacy"
      ? readLegacyForm(body, miner.settings)
      : readPostedConf(body, miner.settings, profile)
  if ("refused" in read) {
    miner.act("refused", { script: "set_miner_conf", reason: read.refused })
    return verdict("error", "M001", read.refused)
  }
  // Posting what is already set is how one restarts the mining process of a stock machine.
  if (read.changed.length === 0) miner.act("reboot-soft", { via: "set_miner_conf" })
  else {
    const { mode, pools, fanManual, fanPwm, frequencyPercent } = read.settings
    miner.act("conf", {
      changed: read.changed,
      mode,
      pools: pools.map(({ url, user }) => ({ url, user })),
      fan: { manual: fanManual, pwm: fanPwm },
      level: frequencyPercent,
    })
  }
  const after = () => miner.applySettings(read.settings)
  return generation === "legacy"
    ? { status: 200, body: "ok", html: true, after }
    : { ...verdict("success", "M000", "OK!"), after }
}

/** Whoever is logged in names the present password once more; the next request needs the new one. */
function changePassword(miner: SimulatedMiner, body: string): WebAnswer {
  let form: Record<string, unknown>
  try {
    form = JSON.parse(body)
  } catch {
    return verdict("error", "P001", "not JSON")
  }
  const { curPwd, newPwd, confirmPwd } = form
  const refused =
    typeof newPwd !== "string" || newPwd === ""
      ? "P001"
      : curPwd !== miner.passwordOr(LOGIN.password)
        ? "P002"
        : confirmPwd !== newPwd
          ? "P003"
          : null
  if (refused !== null) {
    miner.act("refused", { script: "passwd", reason: refused })
    return verdict("error", refused, "password error")
  }
  miner.act("login", { user: LOGIN.user })
  return {
    ...verdict("success", "P000", "OK!"),
    after: () => {
      miner.password = newPwd as string
    },
  }
}

/** Takes a file for this model, or for any, and reboots into it. */
function upgrade(miner: SimulatedMiner, upload: Upload | null): WebAnswer {
  const image = upload === null ? null : imageOf(upload)
  const reason =
    upload === null || image === null
      ? "no whole file"
      : upload.field !== "firmware" && upload.field !== "file"
        ? `part ${upload.field}`
        : image.model !== null && image.model !== miner.profile.model
          ? `image for ${image.model}`
          : null
  if (upload === null || image === null || reason !== null) {
    miner.act("refused", { script: "upgrade", reason })
    return verdict("error", "U001", reason ?? "upload error")
  }
  const { fileName, bytes, sha256 } = upload
  miner.act("upgrade", { file: fileName, bytes, sha256, version: image.version })
  return { ...verdict("success", "U000", "OK!"), after: () => miner.install(image.version) }
}

function blink(miner: SimulatedMiner, body: string): WebAnswer {
  let wanted: unknown
  try {
    wanted = JSON.parse(body).blink
  } catch {
    return verdict("error", "B002", "not JSON")
  }
  if (wanted !== "true" && wanted !== "false") return verdict("error", "B002", "blink must be a text")
  miner.act("blink", { on: wanted === "true" })
  miner.blinking = wanted === "true"
  return verdict("success", miner.blinking ? "B000" : "B100", "OK!")
}

function blinkLegacy(miner: SimulatedMiner, body: string): WebAnswer {
  const action = new URLSearchParams(body).get("action")
  if (action === "onPageLoaded") return ok({ isBlinking: miner.blinking })
  if (action !== "startBlink" && action !== "stopBlink") return { status: 200, body: "", html: true }
  miner.act("blink", { on: action === "startBlink" })
  miner.blinking = action === "startBlink"
  return { status: 200, body: "ok", html: true, hang: miner.blinking }
}
