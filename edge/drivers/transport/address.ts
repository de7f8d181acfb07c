import { isIP } from "node:net"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"

const HOSTNAME = /^(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/i

/** Why this cannot be the host of a miner, or null when it can. */
export function hostProblem(host: string): string | null {
  if (host === "") return "the host is empty"
  const version = isIP(host)
  if (version === 6)
    return host === "::" || /^ff/i.test(host) ? `${host} is not the address of one machine` : null
  if (version === 4) {
    const first = Number(host.slice(0, host.indexOf(".")))
    return first === 0 || first >= 224 ? `${host} is not the address of one machine` : null
  }
  if (/^[\d.]+$/.test(host)) return `${host} is not an IPv4 address`
  return HOSTNAME.test(host)
    ? null
    : `${JSON.stringify(host.slice(0, 80))} is neither an address nor a host name`
}

/** Why this cannot be a TCP port, or null when it can. */
export function portProblem(port: number): string | null {
  return Number.isInteger(port) && port >= 1 && port <= 65_535
    ? null
    : `port ${port} is not within 1 to 65535`
}

/** Reads `HOST`, `HOST:PORT`, `[IPv6]:PORT` or a bare IPv6 address. A fault says what is wrong with it. */
export function parseHostPort(text: string, defaultPort: number): Outcome<{ host: string; port: number }> {
  const bracketed = /^\[([^\]]*)\](?::(\d{1,6}))?$/.exec(text)
  const plain = isIP(text) === 6 ? null : /^([^:]*)(?::(.*))?$/.exec(text)
  const host = bracketed?.[1] ?? plain?.[1] ?? text
  const portText = bracketed ? bracketed[2] : plain?.[2]
  if (portText !== undefined && !/^\d{1,6}$/.test(portText))
    return fault("unsupported", `${JSON.stringify(portText)} is not a port number`)
  const port = portText === undefined ? defaultPort : Number(portText)
  const problem = hostProblem(host) ?? portProblem(port)
  return problem === null ? ok({ host, port }) : fault("unsupported", problem)
}

/** `host:port` as people write it, IPv6 in brackets. */
export function showAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
}
