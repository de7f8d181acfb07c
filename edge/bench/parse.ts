import { addressOf, MACHINES } from "../drivers/conformance/machines.ts"
import { driverFor } from "../drivers/registry.ts"
import { simulatedFloor } from "../drivers/test/simulated.ts"
import { requestRpc } from "../drivers/transport/cgminer-client.ts"
import { requestDigest } from "../drivers/transport/digest-client.ts"
import { requestFrame } from "../drivers/transport/framed-client.ts"
import { requestHttp } from "../drivers/transport/http-client.ts"
import { playedBack, type Recording, recorded } from "../recording/recording.ts"

/**
 * How fast each driver makes a reading of the bytes of its answers, against `JSON.parse` of the same bytes. What asking
 * costs without a socket (the same requests through the same transports, answered from memory and not looked at) is
 * measured by itself and taken off. Prints one JSON line a machine: `{"profile","family","bytes","read_us","asking_us",
 * "json_us","ratio"}`.
 */
/** Short and many, so that the best round is one in which nothing else ran. */
const ROUND_MS = 5
const ROUNDS = 160

const floor = await simulatedFloor(
  MACHINES.map((machine) => ({ ...machine.spec, address: addressOf(machine), profile: machine.profile })),
)
for (const machine of MACHINES) {
  const address = addressOf(machine)
  const identity = await floor.known(address)
  const driver = driverFor(identity.family)!
  const context = floor.at(address, new AbortController().signal)
  const { value, recording } = await recorded(() => driver.read(context, identity))
  if (!value.ok) throw new Error(`${machine.profile}: ${value.fault.message}`)
  // A second reading asks what an ordinary poll asks: logins and joined commands are known by then.
  const ordinary = (await recorded(() => driver.read(context, identity))).recording
  const texts = [...ordinary.values()].map(({ text }) => text.replaceAll("\0", ""))
  const all = new Map([...recording, ...ordinary])
  const us = {
    read: Number.POSITIVE_INFINITY,
    asking: Number.POSITIVE_INFINITY,
    json: Number.POSITIVE_INFINITY,
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    us.read = Math.min(us.read, await microseconds(all, () => driver.read(context, identity)))
    us.asking = Math.min(us.asking, await microseconds(all, () => askAll(ordinary, context.signal)))
    us.json = Math.min(us.json, jsonMicroseconds(texts))
  }
  const tell = {
    profile: machine.profile,
    family: machine.family,
    bytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    read_us: Math.round(us.read * 10) / 10,
    asking_us: Math.round(us.asking * 10) / 10,
    json_us: Math.round(us.json * 10) / 10,
    ratio: us.json / Math.max(0.1, us.read - us.asking),
  }
  process.stdout.write(`${JSON.stringify(tell)}\n`)
}
await floor.close()
process.exit(0)

/** The requests of one reading, one after the other, digest logins proved; their answers are not looked at. */
async function askAll(recording: Recording, signal: AbortSignal): Promise<void> {
  for (const { exchange } of recording.values()) {
    const { host, port } = exchange
    if (exchange.kind === "rpc")
      await requestRpc({ host, port, signal }, exchange.request, {
        writes: new Set(exchange.request.command.split("+")),
      })
    else if (exchange.kind === "http") {
      const username = /^Digest username="([^"]*)"/.exec(exchange.request.headers?.Authorization ?? "")?.[1]
      if (username === undefined) await requestHttp({ host, port, signal }, exchange.request)
      else await requestDigest({ host, port, signal }, { username, password: "" }, exchange.request)
    } else await requestFrame({ host, port, signal }, exchange.request)
  }
}

/** Per run, in the best of a few runs in a row. */
async function microseconds(recording: Recording, run: () => Promise<unknown>): Promise<number> {
  return playedBack(recording, async () => {
    const began = performance.now()
    let times = 0
    while (performance.now() - began < ROUND_MS) {
      for (let i = 0; i < 20; i += 1) await run()
      times += 20
    }
    return ((performance.now() - began) / times) * 1000
  })
}

function jsonMicroseconds(texts: readonly string[]): number {
  const began = performance.now()
  let times = 0
  while (performance.now() - began < ROUND_MS) {
    for (let i = 0; i < 20; i += 1) for (const text of texts) parsed(text)
    times += 20
  }
  return ((performance.now() - began) / times) * 1000
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // the text form of the protocol
  }
}
