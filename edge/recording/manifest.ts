import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve, sep } from "node:path"
import { z } from "zod"
import type { Identity } from "../drivers/driver.ts"
import type { WireExchange } from "../drivers/transport/wire.ts"
import { questionOf, type Recording, withoutLogin, withoutSecrets } from "./recording.ts"
import { createScrubber } from "./scrub.ts"

/**
 * A recording on disk: `manifest.json`, and one file an answer beside it. TCP answers are named by their command
 * (`command|parameter`, `a+b`), HTTP ones by method, path, query and body. `transport.tcp` is the protocol of every TCP
 * answer that names none itself; a machine that speaks two has its framed port there, and `framing: "cgminer"` marks
 * what its command port said.
 */
const FRAMED = "whatsminer-v3"
const UNFRAMED = "cgminer"
const responseSchema = z.object({
  tcp: z.string().optional(),
  framing: z.enum([FRAMED, UNFRAMED]).optional(),
  http: z
    .object({
      method: z.string().default("GET"),
      path: z.string(),
      query: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    })
    .optional(),
  status: z.number().int().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  file: z.string().optional(),
  inline: z.unknown().optional(),
})
const manifestSchema = z.object({
  family: z.string(),
  transport: z.object({
    tcp: z.object({ port: z.number(), framing: z.string().optional() }).loose().nullish(),
    http: z.object({ port: z.number() }).loose().nullish(),
  }),
  responses: z.array(responseSchema).min(1),
})

/** Writes a recording, scrubbed. `expect` is what the driver read, also scrubbed: look it over before you share it. */
export function writeRecording(
  folder: string,
  recording: Recording,
  told: { identity: Identity; expect: Record<string, unknown> },
): { files: number } {
  const answers = [...recording.values()]
  const { scrub } = createScrubber([...answers.map(({ text }) => text), JSON.stringify(told.expect)])
  mkdirSync(folder, { recursive: true })
  const names = new Set<string>()
  const isFramed = answers.some(({ exchange }) => exchange.kind === "frame")
  const responses = answers.map((answer) => {
    const file = fileName(answer.exchange, names)
    writeFileSync(join(folder, file), scrub(answer.text))
    const marked = isFramed && answer.exchange.kind === "rpc" ? { framing: UNFRAMED } : {}
    return { ...entryOf(answer.exchange, scrub), ...marked, ...statusOf(answer.status, answer.headers), file }
  })
  const rpc = answers.find(({ exchange }) => exchange.kind === "rpc")?.exchange
  const http = answers.find(({ exchange }) => exchange.kind === "http")?.exchange
  const manifest = {
    family: told.identity.family,
    make: told.identity.make,
    model: told.identity.model,
    firmware: told.identity.firmware,
    firmware_version: told.identity.firmwareVersion,
    notes: ["Recorded and scrubbed by Lamproom; expected values are what its driver read."],
    transport: {
      ...(isFramed ? { tcp: { port: 4433, framing: FRAMED, terminator: "" } } : {}),
      ...(rpc && !isFramed ? { tcp: { port: 4028, joined: joinedCommands(recording) } } : {}),
      ...(http ? { http: { port: 80 } } : {}),
    },
    responses,
    expect: JSON.parse(scrub(JSON.stringify(told.expect))) as object,
  }
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`)
  return { files: responses.length }
}

/** Reads a recording from its folder, so that it can be played back. Throws with a sentence for a person. */
export function readRecording(folder: string): Recording {
  const path = join(folder, "manifest.json")
  if (!existsSync(path)) throw new Error(`${folder} holds no manifest.json.`)
  const manifest = manifestSchema.safeParse(JSON.parse(readFileSync(path, "utf8")))
  if (!manifest.success) throw new Error(`${path}: ${z.prettifyError(manifest.error)}`)
  const framing = manifest.data.transport.tcp?.framing ?? UNFRAMED
  const recording: Recording = new Map()
  for (const response of manifest.data.responses) {
    const exchange = exchangeOf(response, response.framing ?? framing)
    if (exchange === null) continue
    const { status = 200, headers = {} } = response
    recording.set(questionOf(exchange), { exchange, text: bodyOf(folder, response), status, headers })
  }
  return recording
}

type Response = z.infer<typeof responseSchema>

function bodyOf(folder: string, { file, inline }: Response): string {
  if (file === undefined) return typeof inline === "string" ? inline : JSON.stringify(inline ?? {})
  const path = resolve(folder, file)
  if (!path.startsWith(resolve(folder) + sep)) throw new Error(`${file} lies outside of the recording.`)
  return readFileSync(path, "utf8")
}

function exchangeOf({ tcp, http }: Response, framing: string): WireExchange | null {
  const where = { host: "127.0.0.1", port: 0 }
  if (tcp !== undefined) {
    const [command = "", parameter] = tcp.split("|")
    if (framing === FRAMED)
      return {
        kind: "frame",
        ...where,
        request: { cmd: command, ...(parameter ? { param: parameter } : {}) },
      }
    return { kind: "rpc", ...where, request: parameter ? { command, parameter } : { command }, asText: false }
  }
  if (http === undefined) return null
  const query = new URLSearchParams(http.query).toString()
  const body =
    http.body === undefined
      ? undefined
      : typeof http.body === "string"
        ? http.body
        : JSON.stringify(http.body)
  return {
    kind: "http",
    ...where,
    request: {
      method: http.method as "GET",
      path: query === "" ? http.path : `${http.path}?${query}`,
      ...(body === undefined ? {} : { body }),
    },
  }
}

function entryOf(exchange: WireExchange, scrub: (text: string) => string): object {
  if (exchange.kind === "rpc") {
    const { command, parameter } = exchange.request
    return { tcp: parameter === undefined ? command : `${command}|${scrub(parameter)}` }
  }
  if (exchange.kind === "frame") {
    const { cmd, param } = exchange.request
    return { tcp: typeof param === "string" && param !== "" ? `${String(cmd)}|${param}` : String(cmd) }
  }
  const { method, path, body } = exchange.request
  const [bare = "/", query] = withoutLogin(path).split("?")
  const text = typeof body === "string" ? scrub(withoutSecrets(body)) : undefined
  return {
    http: {
      ...(method === "GET" ? {} : { method }),
      path: bare,
      ...(query === undefined ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }),
      ...(text === undefined || text === "" ? {} : { body: json(text) ?? text }),
    },
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Headers by which a family is known, and no others: the rest is the server's own business. */
function statusOf(status: number, headers: Record<string, unknown>): object {
  const kept = ["www-authenticate", "location"].flatMap((name) =>
    typeof headers[name] === "string" ? [[name, headers[name].replace(/nonce="[^"]*"/, 'nonce="0"')]] : [],
  )
  return {
    ...(status === 200 ? {} : { status }),
    ...(kept.length === 0 ? {} : { headers: Object.fromEntries(kept) as object }),
  }
}

function joinedCommands(recording: Recording): string[] | false {
  const joined = [...recording.values()].flatMap(({ exchange }) =>
    exchange.kind === "rpc" && exchange.request.command.includes("+")
      ? exchange.request.command.split("+")
      : [],
  )
  return joined.length === 0 ? false : [...new Set(joined)]
}

function fileName(exchange: WireExchange, taken: Set<string>): string {
  const said =
    exchange.kind === "rpc"
      ? `tcp_${exchange.request.command}_${exchange.request.parameter ?? ""}`
      : exchange.kind === "frame"
        ? `frame_${String(exchange.request.cmd)}_${String(exchange.request.param ?? "")}`
        : `http_${exchange.request.method}_${exchange.request.path}`
  const base = said
    .replace(/[^\w.+-]+/g, "_")
    .replace(/_+$/g, "")
    .slice(0, 80)
  let name = `${base}.txt`
  for (let n = 2; taken.has(name); n += 1) name = `${base}_${n}.txt`
  taken.add(name)
  return name
}
