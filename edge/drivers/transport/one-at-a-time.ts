import { type HttpAnswer, type HttpRequest, type HttpTarget, requestHttp } from "./http-client.ts"

/** The last request to each address that allows only one; gone when nobody waits any more. */
const turns = new Map<string, Promise<void>>()

/**
 * Sends when every earlier request of this process to the same address has ended, on a connection of its own: small
 * boards serve one and cut the others. Whoever's time is up before his turn sent nothing.
 */
export async function sendAlone(target: HttpTarget, request: HttpRequest): Promise<HttpAnswer> {
  const key = `${target.host}:${target.port}`
  const before = turns.get(key)
  const over = Promise.withResolvers<void>()
  const mine = before === undefined ? over.promise : before.then(() => over.promise)
  turns.set(key, mine)
  const leave = () => {
    if (turns.get(key) === mine) turns.delete(key)
  }
  if (before !== undefined) void mine.then(leave)
  try {
    if (target.signal.aborted || !(before === undefined || (await isMyTurn(before, target.signal))))
      return busy(key)
    return await requestHttp(target, { ...request, fresh: true })
  } finally {
    over.resolve()
    if (before === undefined) leave()
  }
}

function isMyTurn(before: Promise<void>, signal: AbortSignal): Promise<boolean> {
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
