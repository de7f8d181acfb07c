import { gzipSync } from "node:zlib"
import { type Door, html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { imageOf } from "../../upload.ts"
import { coreMvOf, frequencyOf, systemInfo, traits } from "./info.ts"
import { patched } from "./patch.ts"

/** Port 80 of an ESP32. It takes one connection and one that is just closing; whoever comes then is cut off. */
const PARALLEL = 2
const OTA = "/api/system/OTA"

const pathOf = (url: string) => url.split("?")[0]!
const message = (text: string) => json({ message: text })

type Page = (miner: SimulatedMiner, request: WebRequest) => WebAnswer

const reads: Record<string, Page> = {
  "/api/system/info": (miner) => json(systemInfo(miner)),
  "/api/system/asic": (miner) => (traits(miner).dialect === "2024" ? app(miner) : json(asic(miner))),
}

const acts: Record<string, Page> = {
  "PATCH /api/system": patch,
  "POST /api/system/restart": (miner) => {
    miner.act("reboot-hard", { via: "restart" })
    return { ...message("System will restart shortly."), after: () => restart(miner) }
  },
  "POST /api/system/pause": (miner) => pause(miner, true),
  "POST /api/system/resume": (miner) => pause(miner, false),
  "POST /api/system/identify": (miner) => {
    const until = Number(miner.memory.get("greets") ?? 0)
    const on = miner.nowS() >= until
    miner.memory.set("greets", on ? miner.nowS() + 30 : 0)
    miner.act("blink", { on })
    return message(on ? "The device says Hi!" : "The device no longer says Hi!")
  },
  "POST /api/system/shutdown": (miner) => {
    miner.act("conf", { changed: ["shutdown"], mode: 1 })
    return { ...message("shutdown"), after: () => miner.applySettings({ ...miner.settings, mode: 1 }) }
  },
  [`POST ${OTA}`]: upgrade,
}
const only: Record<string, readonly string[]> = {
  "POST /api/system/pause": ["2026"],
  "POST /api/system/resume": ["2026"],
  "POST /api/system/identify": ["2026"],
  "POST /api/system/shutdown": ["nerd"],
}

export const axeosDoors: readonly Door[] = [
  {
    kind: "web",
    port: 80,
    maxParallel: PARALLEL,
    server: "esp-httpd",
    answer: answerAxeos,
    actOf: (miner, request) =>
      actFor(miner, request) === null
        ? null
        : { name: pathOf(request.url), refusal: { status: 400, body: "Wrong API input", html: true } },
    isUpload: ({ method, url }) => method === "POST" && pathOf(url) === OTA,
  },
]

function actFor(miner: SimulatedMiner, { method, url }: WebRequest): Page | null {
  const name = `${method} ${pathOf(url)}`
  if (!Object.hasOwn(acts, name)) return null
  return only[name]?.includes(traits(miner).dialect) === false ? null : acts[name]!
}

function answerAxeos(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const act = actFor(miner, request)
  if (act !== null) return act(miner, request)
  const path = pathOf(request.url)
  const page = request.method === "GET" && Object.hasOwn(reads, path) ? reads[path]! : null
  if (page === null) return request.method === "GET" ? app(miner) : html("Nothing matches the given URI", 404)
  miner.countRead(`web:${path}`)
  return page(miner, request)
}

/** Whatever it does not know is the app, packed. */
function app(miner: SimulatedMiner): WebAnswer {
  const name = traits(miner).dialect === "nerd" ? "NerdQAxe+" : "AxeOS"
  const page = `<!doctype html><html><head><title>${name}</title></head><body></body></html>\n`
  return { status: 200, body: gzipSync(page), html: true, headers: { "Content-Encoding": "gzip" } }
}

const asic = (miner: SimulatedMiner) => {
  const { chip, deviceModel, chipsPerBoard, frequencyMhz, coreMv, frequencies, voltages } = traits(miner)
  return {
    ASICModel: chip,
    deviceModel,
    swarmColor: "purple",
    asicCount: chipsPerBoard,
    defaultFrequency: frequencyMhz,
    frequencyOptions: frequencies,
    defaultVoltage: coreMv,
    voltageOptions: voltages,
  }
}

function patch(miner: SimulatedMiner, { body }: WebRequest): WebAnswer {
  const read = patched(miner, body)
  if (read === null) {
    miner.act("refused", { script: "PATCH", reason: "bad value" })
    return html("Wrong API input", 400)
  }
  const { settings, changed } = read
  const before = [frequencyOf(miner), coreMvOf(miner)]
  miner.act("conf", {
    changed,
    pools: settings.pools.map(({ url, user }) => ({ url, user })),
    fan: { manual: settings.fanManual, pwm: settings.fanPwm },
    level: settings.frequencyPercent,
  })
  return {
    status: 200,
    body: "",
    html: true,
    after: () => {
      miner.settings = settings
      const live = traits(miner).dialect !== "2024"
      const clocked = before.join() !== [frequencyOf(miner), coreMvOf(miner)].join()
      if (live && clocked) miner.applySettings(settings)
    },
  }
}

function pause(miner: SimulatedMiner, paused: boolean): WebAnswer {
  miner.act("conf", { changed: ["miningPaused"], mode: paused ? 1 : 0 })
  return {
    ...message(paused ? "Mining paused" : "Mining resumed"),
    after: () => miner.applySettings({ ...miner.settings, mode: paused ? 1 : 0 }),
  }
}

/** It forgets that it was paused or shut down. */
function restart(miner: SimulatedMiner): void {
  miner.settings = { ...miner.settings, mode: 0 }
  miner.rebootHard()
}

function upgrade(miner: SimulatedMiner, { upload }: WebRequest): WebAnswer {
  if (upload === null) {
    miner.act("refused", { script: "OTA", reason: "no file" })
    return html("Write Error", 500)
  }
  const { bytes, sha256 } = upload
  const { version } = imageOf(upload)
  miner.act("upgrade", { bytes, sha256, version })
  return {
    ...html("Firmware update complete, rebooting now!"),
    after: () => {
      miner.settings = { ...miner.settings, mode: 0 }
      miner.install(version)
    },
  }
}
