/** Which ports give a machine away, and what is said to each to hear whether anybody is there (`protocols/README.md` §2). */
export const MINER_PORTS: readonly number[] = [4028, 80, 8080, 443, 4433, 8359, 5000]
/** Where mining programs of GPU rigs answer by default (`protocols/others.md`). */
export const GPU_PORTS: readonly number[] = [4067, 4068, 4069, 4070, 4071, 4072, 4014, 21_550, 21_555]

/** Of the open ports, the web interface: the first of these. */
export const WEB_PORTS: readonly number[] = [80, 8080, 443, 5000]
export const RPC_PORT = 4028

const CGMINER_HELLO = Buffer.from('{"command":"version"}\n')
const FRAME = JSON.stringify({ cmd: "get.device.info" })
/** A plain request on a TLS port is answered or cut: either tells that somebody is there. */
const httpHello = (host: string) =>
  Buffer.from(`GET / HTTP/1.0\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)

/** A question that reads and changes nothing. */
export function helloOf(host: string, port: number): Buffer {
  if (port === 4433) {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(Buffer.byteLength(FRAME))
    return Buffer.concat([length, Buffer.from(FRAME)])
  }
  return WEB_PORTS.includes(port) || GPU_PORTS.includes(port) ? httpHello(host) : CGMINER_HELLO
}
