import { connect, createServer, type Server } from "node:net"
import { setTimeout as pause } from "node:timers/promises"

/**
 * Hosts of the `scan` benchmark, `node scan-hosts.ts KIND NETWORK FIRST COUNT`: `silent` accepts on port 4028 and never
 * says a word; `deaf` never answers; `fill` makes deaf hosts so. Prints `ready` and stays until it is killed.
 *
 * Nothing on loopback drops packets without a firewall, but a listener whose queue of connections is full ignores
 * further ones: the caller waits in vain, as for an address where nobody is. So `deaf` listens with the smallest queue,
 * is stopped (SIGSTOP) before anybody connects, so that it takes none off the queue, and `fill` connects to it three
 * times: two fill the queue, the third is the first that is ignored.
 */
const [kind, network = "", first = "0", count = "0"] = process.argv.slice(2)
const PORT = 4028
const addresses = Array.from({ length: Number(count) }, (_, at) => {
  const place = Number(first) + at
  return `${network}.${place >> 8}.${place & 255}`
})

function listen(server: Server, host: string, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen({ host, port: PORT, backlog }, () => resolve())
  })
}

if (kind === "fill")
  for (const host of addresses) {
    for (let n = 0; n < 3; n += 1) connect({ host, port: PORT }).on("error", () => undefined)
    if (host.endsWith("0")) await pause(10)
  }
else
  await Promise.all(
    addresses.map((host) =>
      listen(
        createServer((socket) => void socket.on("error", () => socket.destroy())),
        host,
        kind === "deaf" ? 1 : 511,
      ),
    ),
  )
if (kind === "fill") await pause(2_000)
process.stdout.write("ready\n")
// `fill` has only sockets that may end; the others' listeners keep them alive.
setInterval(() => undefined, 60_000)
