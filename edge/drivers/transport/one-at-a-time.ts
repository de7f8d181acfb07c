import { type HttpAnswer, type HttpRequest, type HttpTarget, requestHttp } from "./http-client.ts"

/** Who waits at an address that allows only one; `last`: the end of the last request, null when nobody is there. */
type Queue = { last: Promise<unknown> | null }
const QUEUES_MAX = 20_000
const queues = new Map<string, Queue>()

function queueAt(key: string): Queue {
  const kept = queues.get(key)
  if (kept !== undefined) return kept
  if (queues.size >= QUEUES_MAX)
    for (const [other, { last }] of queues) if (last === null) queues.delete(other)
  const queue = { last: null }
  queues.set(key, queue)
  return queue
}

/**
 * Sends when every earlier request of this process to the same address has ended, on a connection of its own: small
 * boards serve one and cut the others. Whoever's time is up before his turn sent nothing.
 */
export function sendAlone(target: HttpTarget, request: HttpRequest): Promise<HttpAnswer> {
  const key = `${target.host}:${target.port}`
  if (target.signal.aborted) return Promise.resolve(busy(key))
  const queue = queueAt(key)
  if (queue.last !== null) return sendAfter(queue, queue.last, key, target, request)
  const sending = requestHttp(target, { ...request, fresh: true }).then((answer) => {
    if (queue.last === sending) queue.last = null
    return answer
  })
  queue.last = sending
  return sending
}

async function sendAfter(
  queue: Queue,
  before: Promise<unknown>,
  key: string,
  target: HttpTarget,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const over = Promise.withResolvers<void>()
  const mine = before.then(() => over.promise)
  queue.last = mine
  void mine.then(() => {
    if (queue.last === mine) queue.last = null
  })
  try {
    if (!(await isMyTurn(before, target.signal))) return busy(key)
    return await requestHttp(target, { ...request, fresh: true })
  } finally {
    over.resolve()
  }
}

function isMyTurn(before: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  return new Promise((settle) => {
    const gone = () => settle(false)
    signal.addEventListener("abort", gone, { once: true })
    void before.then(() => {
      signal.removeEventListener("abort", gone)
      settle(true)
    })
  })
}

function busy(where: string): HttpAnswer {
  const message = `${where} takes one request at a time and was busy with another until the time was used up.`
  return { ok: false, fault: { kind: "busy", message }, sent: false, dropped: false }
}
