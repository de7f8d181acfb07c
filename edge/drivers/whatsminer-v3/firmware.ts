import type { Outcome } from "#server/contract/driver-faults.ts"
import { fault, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, FirmwareFile, Identity } from "../driver.ts"
import { alreadySo, notDone } from "../outcomes.ts"
import { type FileAnswer, sendFileOverSocket, takeFrame } from "../transport/file-over-socket.ts"
import { decodeReply, type Row } from "../transport/reply.ts"
import { accepted, fileLost, isWhole, UPLOAD_IDLE_MS } from "../whatsminer/firmware.ts"
import { endOf, readInk, type SetEnd, withLogins } from "./send.ts"
import { frameTarget } from "./session.ts"
import { type Ink, signed } from "./sign.ts"

const CMD = "set.system.update_firmware"
const READY_MS = 30_000

/** Streams the file on the connection that was told of it; the machine installs it and reboots by itself. */
export async function updateFirmware(
  context: DriverContext,
  identity: Identity,
  file: FirmwareFile,
): Promise<ActOutcome> {
  const before = { firmware_version: identity.firmwareVersion }
  if (identity.firmwareVersion === file.version)
    return alreadySo("get.device.info", `It runs ${file.version} already.`, before)
  const whole = await isWhole(file)
  if (!whole.ok) return { ...whole, sent: false }
  const ink = await readInk(context)
  if (!ink.ok) return { ok: false, fault: ink.fault, sent: false }
  let answer: FileAnswer | null = null
  const begun = await withLogins(context, async (login) => {
    const end = await upload(context, { ...ink.value, login }, file)
    answer = end.answer
    return end.begun
  })
  if (begun.kind === "refused") return notDone("refused", `The miner refused ${CMD}: ${begun.message}.`)
  if (begun.kind !== "accepted" || answer === null)
    return { ok: false, fault: begun.kind === "accepted" ? NO_ANSWER : begun.fault, sent: false }
  return outcomeOf(answer, file, before)
}

const NO_ANSWER = {
  kind: "garbled",
  message: "The miner did not say that it is ready for the file.",
} as const

/** `begun`: the machine's word on the command, before a byte of the file left. */
async function upload(
  context: DriverContext,
  ink: Ink,
  file: FirmwareFile,
): Promise<{ begun: SetEnd; answer: FileAnswer }> {
  const request = Buffer.from(JSON.stringify(signed({ cmd: CMD, param: null }, ink)))
  const head = Buffer.alloc(4)
  head.writeUInt32LE(request.length)
  let begun: SetEnd | null = null
  const answer = await sendFileOverSocket(frameTarget(context), {
    request: Buffer.concat([head, request]),
    take: takeFrame,
    ready: (text) => {
      const body = bodyOf(text)
      if (!body.ok) return body
      begun = endOf(body.value)
      if (begun.kind !== "accepted") return fault("refused", "The miner refused the firmware.")
      if (/ready/i.test(String(body.value.msg))) return ok(true)
      begun = { kind: "unsent", fault: NO_ANSWER }
      return { ok: false, fault: NO_ANSWER }
    },
    file,
    readyMs: READY_MS,
    idleMs: UPLOAD_IDLE_MS,
  })
  return { begun: begun ?? { kind: "unsent", fault: answer.ok ? NO_ANSWER : answer.fault }, answer }
}

function outcomeOf(answer: FileAnswer, file: FirmwareFile, before: Record<string, unknown>): ActOutcome {
  if (!answer.ok) return fileLost(answer)
  const body = bodyOf(answer.text)
  if (!body.ok) return { ok: false, fault: { kind: "timeout", message: body.fault.message }, sent: true }
  const end = endOf(body.value)
  if (end.kind === "refused") return notDone("refused", `The miner refused the firmware: ${end.message}.`)
  return accepted(CMD, file, before)
}

function bodyOf(text: string): Outcome<Row> {
  const reply = decodeReply(text)
  return reply.ok ? ok(reply.value.body) : reply
}
