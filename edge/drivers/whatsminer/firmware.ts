import { stat } from "node:fs/promises"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, FirmwareFile, Identity } from "../driver.ts"
import { alreadySo, done, notDone } from "../outcomes.ts"
import { type FileAnswer, sendFileOverSocket, type TakeMessage } from "../transport/file-over-socket.ts"
import { JsonDepth } from "../transport/framing.ts"
import { isV1 } from "./dialect.ts"
import { seal, type Token } from "./seal.ts"
import { isTokenRefused, NO_ENVELOPE, openAnswer, refusalOf } from "./send.ts"
import { type TokenUse, withToken } from "./token.ts"

const READY_MS = 30_000
/** The board checks and writes the whole file before it answers. */
export const UPLOAD_IDLE_MS = 10 * 60_000
/** The vendor's name, and the one that some firmware knows instead. */
const NAMES = ["update_firmware", "upgrade_firmware"] as const
const UNKNOWN_COMMAND: ReadonlySet<number> = new Set([14])

type End = { answer: FileAnswer; token: Token; unknown: boolean }

/** Streams the file on the connection that was told of it; the machine installs it and reboots by itself. */
export async function updateFirmware(
  context: DriverContext,
  identity: Identity,
  file: FirmwareFile,
): Promise<ActOutcome> {
  const before = { firmware_version: identity.firmwareVersion }
  if (identity.firmwareVersion === file.version)
    return alreadySo("get_version", `It runs ${file.version} already.`, before)
  const whole = await isWhole(file)
  if (!whole.ok) return { ...whole, sent: false }
  const oldest = isV1(identity)
  for (const cmd of NAMES)
    for (const wrap of oldest ? [seal, plain] : [seal]) {
      const attempt = { cmd, wrap, file, unknown: oldest ? NO_ENVELOPE : UNKNOWN_COMMAND }
      const end = await withToken<End>(context, (token) => upload(context, token, attempt))
      if (!end.ok) return { ok: false, fault: end.fault, sent: false }
      if (!end.value.unknown) return outcomeOf(end.value, cmd, file, before)
    }
  return notDone("unsupported", "This firmware knows no command to update it.")
}

/** As the oldest daemons take a command, which know no envelope. */
const plain: typeof seal = ({ sign }, command) => JSON.stringify({ ...command, token: sign })

/** `unknown`: codes that say that the command, or the envelope around it, is not known. */
type Attempt = { cmd: string; wrap: typeof seal; file: FirmwareFile; unknown: ReadonlySet<number> }

async function upload(context: DriverContext, token: Token, attempt: Attempt): Promise<TokenUse<End>> {
  const { cmd, wrap, file } = attempt
  const { host, rpcPort: port } = context.address
  let [refused, unknown] = [false, false]
  const answer = await sendFileOverSocket(
    { host, port, signal: context.signal },
    {
      request: Buffer.from(wrap(token, { cmd })),
      take: takeJson,
      ready: (text) => {
        const opened = openAnswer(text, token)
        if (!opened.ok) return opened
        const { reply, sealed } = opened.value
        const { status } = reply
        unknown = status.severity === "E" && attempt.unknown.has(status.code ?? 0)
        refused = !sealed && !unknown && isTokenRefused(status)
        const message = refusalOf(status, cmd)
        if (message !== null) return fault("refused", `The miner refused ${cmd}: ${message}.`)
        return /ready/i.test(status.message)
          ? ok(true)
          : fault("refused", "The miner does not say that it is ready for the file.")
      },
      file,
      readyMs: READY_MS,
      idleMs: UPLOAD_IDLE_MS,
    },
  )
  return refused ? { refused: true } : { refused: false, value: { answer, token, unknown } }
}

function outcomeOf(
  { answer, token }: End,
  cmd: string,
  file: FirmwareFile,
  before: Record<string, unknown>,
): ActOutcome {
  if (!answer.ok) return fileLost(answer)
  const opened = openAnswer(answer.text, token)
  if (!opened.ok) return { ok: false, fault: { kind: "timeout", message: opened.fault.message }, sent: true }
  const message = refusalOf(opened.value.reply.status, cmd)
  if (message !== null) return notDone("refused", `The miner refused the firmware: ${message}.`)
  return accepted(cmd, file, before)
}

/** A file that left without a verdict may be installed, or not. */
export function fileLost(answer: FileAnswer & { ok: false }): ActOutcome {
  const { fault: said, sent } = answer
  return sent
    ? { ok: false, fault: { kind: "timeout", message: said.message }, sent: true }
    : { ok: false, fault: said, sent: false }
}

export function accepted(ran: string, file: FirmwareFile, before: Record<string, unknown>): ActOutcome {
  const message = `The miner accepted ${file.fileName} (${file.version}) and reboots to install it.`
  return done({ ran, message, verified: false, before, after: null })
}

/** Whether the file is all there before anything is asked of the machine. */
export async function isWhole(file: FirmwareFile): Promise<Outcome<true>> {
  try {
    const { size } = await stat(file.path)
    return size === file.sizeBytes
      ? ok(true)
      : fault("refused", `The firmware file has ${size} bytes instead of ${file.sizeBytes}.`)
  } catch (error) {
    return fault("refused", `The firmware file cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

/** One JSON object; NULs before it are padding of the message before. */
export const takeJson: TakeMessage = (bytes) => {
  const depth = new JsonDepth()
  for (let at = 0; at < bytes.length; at += 1) {
    depth.push(bytes.subarray(at, at + 1))
    if (depth.complete)
      return { text: bytes.toString("utf8", 0, at + 1).replaceAll("\0", ""), rest: bytes.subarray(at + 1) }
  }
  return null
}
