import { connect } from "node:net"
import { createWorkQueue } from "../collector/poll/work-queue.ts"
import { floorAddresses } from "./floor.ts"

/**
 * The floor of the benchmark `poll`: bare sockets that send what a collector sends to an Antminer, one request a
 * connection, and throw the answers away. Prints `{"machines","seconds"}`.
 */
const [networks = "", count = "0", parallel = "256"] = process.argv.slice(2)
const REQUESTS = ["summary", "stats", "pools"].map((command) => JSON.stringify({ command }))

function ask(host: string, request: string): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect({ host, port: 4028, noDelay: true })
    socket.on("connect", () => socket.write(request))
    socket.on("data", () => undefined)
    socket.on("error", fail)
    socket.on("end", () => socket.end())
    socket.on("close", () => done())
  })
}

const queue = createWorkQueue(Number(parallel), (error) => {
  throw error
})
const began = performance.now()
for (const host of floorAddresses(networks.split(","), Number(count)))
  queue.add(async () => {
    for (const request of REQUESTS) await ask(host, request)
  })
await queue.idle()
process.stdout.write(
  `${JSON.stringify({ machines: Number(count), seconds: (performance.now() - began) / 1000 })}\n`,
)
