import { type Knock, knock, type Reach } from "./knock.ts"
import type { Permits } from "./permits.ts"
import { helloOf } from "./ports.ts"

/** What answered at an address, before anybody asks what it is. */
export type HostSeen = {
  host: string
  /** `absent`: nothing came back. `closed`: it is there, none of the ports is. `quiet`: accepts and says nothing. */
  state: "absent" | "closed" | "quiet" | "speaks"
  /** Open ones, in the order in which they were asked for. */
  ports: number[]
  /** What was heard, by port; of a host that spoke, not of every port. */
  words: Map<number, string>
}

export type LookOptions = {
  /** The first two are asked first: a host where neither answers at all is taken for absent. */
  ports: readonly number[]
  /** Ask for all ports even then: a firewall may drop the first two. */
  thorough: boolean
  sockets: Permits
  connectTimeoutMs: number
  speakTimeoutMs: number
}
const FIRST = 2
const NO_ROOM_PAUSE_MS = 200
const NO_ROOM_TRIES = 50

/** Never takes longer than two connect timeouts and one of silence, once it has its sockets. Throws without sockets to have. */
export async function lookAtHost(host: string, options: LookOptions): Promise<HostSeen> {
  const { ports } = options
  const doors: Door[] = ports.slice(0, FIRST).map((port) => openDoor(host, port, options))
  const first = await Promise.all(doors.map((door) => door.reached))
  refuseWithoutRoom(first)
  const nobody = first.every((reach) => reach === "silent" || reach === "unreachable")
  if (nobody && !options.thorough) return { host, state: "absent", ports: [], words: new Map() }

  for (const port of ports.slice(FIRST)) doors.push(openDoor(host, port, options))
  const reaches = await Promise.all(doors.map((door) => door.reached))
  refuseWithoutRoom(reaches)
  const open = doors.filter((_, at) => reaches[at] === "open")
  const seen = { host, ports: open.map((door) => door.port), words: new Map<number, string>() }
  if (open.length === 0) {
    const state = reaches.includes("refused") ? "closed" : "absent"
    return { ...seen, state }
  }
  const spoke = await firstWord(open, seen.words)
  // One machine is asked one thing at a time from here on.
  for (const door of open) door.hangUp()
  return { ...seen, state: spoke ? "speaks" : "quiet" }
}

/** An address that could not be looked at must not be taken for an empty one. */
function refuseWithoutRoom(reaches: Reach[]): void {
  if (reaches.includes("no-room"))
    throw new Error(
      "This system has no room for more sockets (open files or local ports). Use fewer at once.",
    )
}

type Door = { port: number; reached: Promise<Reach>; word: Promise<string | null>; hangUp: () => void }

function openDoor(host: string, port: number, options: LookOptions): Door {
  const { sockets, connectTimeoutMs, speakTimeoutMs } = options
  let current: Knock | null = null
  let answer: (reach: Reach) => void = () => {}
  const reached = new Promise<Reach>((resolve) => {
    answer = resolve
  })
  const word = (async () => {
    for (let tries = 0; ; tries += 1) {
      await sockets.take()
      try {
        current = knock({ host, port, hello: helloOf(host, port), connectTimeoutMs, speakTimeoutMs })
        const reach = await current.reached
        if (reach === "no-room" && tries < NO_ROOM_TRIES) {
          sockets.shrink(0.75, 8)
          await new Promise((resolve) => setTimeout(resolve, NO_ROOM_PAUSE_MS))
          continue
        }
        answer(reach)
        return await current.word
      } finally {
        sockets.give()
      }
    }
  })()
  return { port, reached, word, hangUp: () => current?.hangUp() }
}

/** True as soon as one of them said something or hung up; false when all of them kept silent. */
function firstWord(open: Door[], words: Map<number, string>): Promise<boolean> {
  let left = open.length
  return new Promise((resolve) => {
    for (const door of open)
      door.word.then((said) => {
        if (said !== null) words.set(door.port, said)
        left -= 1
        if (said !== null) resolve(true)
        else if (left === 0) resolve(false)
      })
  })
}
