import { addressOf, MACHINES } from "../drivers/conformance/machines.ts"
import { playedBack, type Recording, recorded } from "../recording/recording.ts"
import { driverFor } from "../drivers/registry.ts"
import { simulatedFloor } from "../drivers/test/simulated.ts"

/**
 * How fast each driver makes a reading of the bytes of its answers, against `JSON.parse` of the same bytes: the whole of
 * `read` but the sockets. Prints one JSON line a machine: `{"profile","family","bytes","ratio"}`.
 */
const ROUND_MS = 150
const ROUNDS = 7

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
  const readings: number[] = []
  const parses: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    readings.push(await perSecond(() => driver.read(context, identity), merged(recording, ordinary)))
    parses.push(parsesPerSecond(texts))
  }
  const ratio = Math.max(...readings) / Math.max(...parses)
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  process.stdout.write(
    `${JSON.stringify({ profile: machine.profile, family: machine.family, bytes, ratio })}\n`,
  )
}
await floor.close()
process.exit(0)

function merged(first: Recording, second: Recording): Recording {
  return new Map([...first, ...second])
}

async function perSecond(read: () => Promise<{ ok: boolean }>, recording: Recording): Promise<number> {
  return playedBack(recording, async () => {
    const began = performance.now()
    let times = 0
    while (performance.now() - began < ROUND_MS) {
      for (let i = 0; i < 20; i += 1) {
        const outcome = await read()
        if (!outcome.ok) throw new Error(JSON.stringify(outcome))
      }
      times += 20
    }
    return (times / (performance.now() - began)) * 1000
  })
}

function parsesPerSecond(texts: readonly string[]): number {
  const began = performance.now()
  let times = 0
  while (performance.now() - began < ROUND_MS) {
    for (let i = 0; i < 20; i += 1) for (const text of texts) parsed(text)
    times += 20
  }
  return (times / (performance.now() - began)) * 1000
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // the text form of the protocol
  }
}
