import type { Socket } from "node:net"
import { throughActFaults } from "./act-faults.ts"
import { deliver } from "./delivery.ts"
import type { RpcDoor } from "./door.ts"
import { doorsOf } from "./families.ts"
import { losingFaults } from "./faults.ts"
import type { SimulatedMiner } from "./miner.ts"
import {
  type Answer,
  type CommandRequest,
  parseRequest,
  type RpcRequest,
  renderText,
  status,
} from "./rpc-protocol.ts"

/**
 * One connection on a cgminer port: one request, one reply, then the machine closes. Requests of one machine are
 * served one after the other, as its single API thread does. The faults of the transport act here.
 */
const MAX_REQUEST_BYTES = 4096
/** A request in several segments may pause this long. */
const SEGMENT_MS = 250
const IDLE_MS = 10_000

const busy = new WeakMap<SimulatedMiner, Promise<void>>()

export function serveRpc(socket: Socket, miner: SimulatedMiner, door: RpcDoor): void {
  socket.setNoDelay(true)
  socket.on("error", () => socket.destroy())
  let text = ""
  let served = false
  const serve = (request: RpcRequest) => {
    if (served) return
    served = true
    cancel()
    const turn = (busy.get(miner) ?? Promise.resolve()).then(() => reply(socket, miner, door, request))
    busy.set(miner, turn)
    void turn.then(() => {
      if (busy.get(miner) === turn) busy.delete(miner)
    })
  }
  let cancel = miner.clock.after(IDLE_MS, () => socket.destroy())
  socket.on("close", () => cancel())
  socket.on("data", (chunk: Buffer) => {
    if (served) return
    text += chunk.toString("utf8")
    const request = parseRequest(text, text.length > MAX_REQUEST_BYTES)
    if (request) return serve(request)
    cancel()
    cancel = miner.clock.after(SEGMENT_MS, () => serve({ form: "broken", reason: "json" }))
  })
  socket.on("end", () => {
    if (served) return
    const request = parseRequest(text, true)
    if (request) serve(request)
    else socket.end()
  })
}

/** For tests of a family's answers without a socket: its first cgminer door. */
export function answerRpc(miner: SimulatedMiner, request: RpcRequest): Answer {
  const door = doorsOf(miner.profile).find((each) => each.kind === "rpc")
  if (door === undefined) throw new Error(`${miner.profile.model} has no cgminer port`)
  return answerAt(door, miner, request)
}

function answerAt(door: RpcDoor, miner: SimulatedMiner, request: RpcRequest): Answer {
  if (request.form === "broken") {
    const [code, message] = request.reason === "json" ? [23, "Invalid JSON"] : [24, "Missing JSON 'command'"]
    const body = { STATUS: status("E", miner.nowS(), code as number, message as string, "cgminer"), id: 1 }
    return { body }
  }
  const names = [...new Set(request.command.split("+"))]
  if (names.length === 1 || !door.mayJoin(miner, names)) {
    if (names.length === 1) miner.countRead(request.command)
    return door.answer(miner, request)
  }
  const body: Record<string, unknown> = {}
  let summary: Answer["summary"]
  for (const name of names) {
    miner.countRead(name)
    const part = door.answer(miner, { ...request, command: name, parameter: null })
    body[name] = [part.body]
    summary = part.summary ?? summary
  }
  body.id = 1
  return summary ? { body, summary } : { body }
}

function render(request: RpcRequest, answer: Answer): string {
  if (answer.text !== undefined) return answer.text
  if (request.form === "json" && request.wrap) return request.wrap(JSON.stringify(answer.body))
  if (request.form !== "text") return JSON.stringify(answer.body)
  const parts = Object.entries(answer.body).filter(
    ([, part]) => Array.isArray(part) && "STATUS" in (part[0] ?? {}),
  )
  if (!request.command.includes("+") || parts.length === 0) return renderText(answer.body)
  return parts
    .map(([name, part]) => `CMD=${name}|${renderText((part as Record<string, unknown>[])[0]!)}`)
    .join("")
}

/** A read is answered; a write meets the machine's fault of acts, and holds nobody up who asks after it. */
async function reply(socket: Socket, miner: SimulatedMiner, door: RpcDoor, asked: RpcRequest): Promise<void> {
  if (socket.destroyed || miner.hasFault("silent")) return
  const inner = asked.form === "broken" && asked.members ? door.unwrap?.(miner, asked.members) : null
  if (inner && "body" in inner) return sendAnswer(socket, miner, door, asked, inner)
  const request = inner ?? asked
  const send = (answer: Answer) => sendAnswer(socket, miner, door, request, answer)
  if (request.form === "broken" || !door.isAct(miner, request)) return send(answerAt(door, miner, request))
  return throughActFaults(miner, request.command, {
    refuse: () => send(refusalOf(door, miner, request)),
    drop: () => void socket.destroy(),
    run: () => {
      const answer = answerAt(door, miner, request)
      return { send: () => send(answer), after: () => answer.after?.() }
    },
  })
}

function refusalOf(door: RpcDoor, miner: SimulatedMiner, request: CommandRequest): Answer {
  if (door.refusal) return door.refusal(miner, request)
  const message = `Access denied to '${request.command}' command`
  return { body: { STATUS: status("E", miner.nowS(), 45, message, ""), id: 1 } }
}

async function sendAnswer(
  socket: Socket,
  miner: SimulatedMiner,
  door: RpcDoor,
  request: RpcRequest,
  answer: Answer,
): Promise<void> {
  const nul = door.nulTerminated && !miner.hasFault("nul-missing") ? "\0" : ""
  try {
    if (answer.drop) socket.destroy()
    else if (answer.goOn) {
      answer.goOn(socket)
      socket.write(render(request, answer))
    } else await deliver(socket, miner, Buffer.from(render(request, answer) + nul))
  } finally {
    answer.after?.()
  }
  if (answer.summary && !miner.faults.some((kind) => losingFaults.has(kind)))
    miner.countSummary(answer.summary.accepted, answer.summary.elapsed)
}
