import type { MinerAddress } from "#edge/drivers/driver.ts"
import type { EdgeTarget } from "#server/contract/edge.ts"

const DEFAULT_RPC_PORT = 4028
const DEFAULT_WEB_PORT = 80

/** One address to look at, with what its target says about it. */
export type TargetAddress = MinerAddress & { family: string | null }

export function addressKey(address: Pick<MinerAddress, "host" | "rpcPort">): string {
  return `${address.host}:${address.rpcPort}`
}

/** More than a /16 a collector is a mistake in a target, not a farm. */
export const MAX_ADDRESSES = 65_536

/**
 * The addresses of the targets `host[:port]`, `FROM-TO[:port]` and `CIDR[:port]` (IPv4, any prefix), without
 * network and broadcast address below /31, each `host:port` once: of a single address before that of a range. `problems` names each target that was not
 * understood or did not fit any more; the others are used.
 */
export function expandTargets(targets: EdgeTarget[]): { addresses: TargetAddress[]; problems: string[] } {
  const seen = new Set<string>()
  const addresses: TargetAddress[] = []
  const problems: string[] = []
  // What names one address says more of it than a range around it.
  const single = (target: EdgeTarget) => !/[-/]/.test(target.value)
  for (const target of [...targets.filter(single), ...targets.filter((one) => !single(one))]) {
    const range = parseTarget(target.value)
    if (typeof range === "string") {
      problems.push(`${target.value}: ${range}`)
      continue
    }
    for (const host of hostsOf(range)) {
      const key = `${host}:${range.port}`
      if (seen.has(key)) continue
      if (addresses.length >= MAX_ADDRESSES) {
        problems.push(
          `${target.value}: more than ${MAX_ADDRESSES} addresses in all, the rest is not looked at`,
        )
        break
      }
      seen.add(key)
      addresses.push({
        host,
        rpcPort: range.port,
        webPort: target.web_port ?? DEFAULT_WEB_PORT,
        family: target.family,
      })
    }
  }
  return { addresses, problems }
}

type Range = { host: string; port: number } | { from: number; to: number; port: number }

/** What the text means, or why it means nothing. */
function parseTarget(text: string): Range | string {
  const match = /^\s*([^:\s]+)\s*(?::(\d{1,5}))?\s*$/.exec(text)
  if (match?.[1] === undefined) return "is not host[:port], FROM-TO or CIDR"
  const port = match[2] === undefined ? DEFAULT_RPC_PORT : Number(match[2])
  if (port < 1 || port > 65_535) return "has no valid port"
  const body = match[1]
  const slash = /^([\d.]+)\/(\d{1,2})$/.exec(body)
  if (slash) return parseCidr(slash[1] as string, Number(slash[2]), port)
  const dash = /^([\d.]+)-([\d.]+)$/.exec(body)
  if (dash) return parseFromTo(dash[1] as string, dash[2] as string, port)
  if (/^[\d.]+$/.test(body) && parseIpv4(body) === null) return "is not an IPv4 address"
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/.test(body)) return "is not a host name"
  return { host: body, port }
}

function parseCidr(base: string, prefix: number, port: number): Range | string {
  const address = parseIpv4(base)
  if (address === null || prefix > 32) return "is not a CIDR"
  const size = 2 ** (32 - prefix)
  const from = Math.floor(address / size) * size
  const edges = prefix >= 31 ? 0 : 1
  return { from: from + edges, to: from + size - 1 - edges, port }
}

/** `192.168.1.10-192.168.1.90`, or with the last octet alone after the dash: `192.168.1.10-90`. */
function parseFromTo(first: string, last: string, port: number): Range | string {
  const from = parseIpv4(first)
  const full = /^\d{1,3}$/.test(last) ? first.replace(/\d+$/, last) : last
  const to = parseIpv4(full)
  if (from === null || to === null) return "is not a range of IPv4 addresses"
  if (to < from) return "ends before it begins"
  return { from, to, port }
}

export function parseIpv4(text: string): number | null {
  const parts = text.split(".")
  if (parts.length !== 4) return null
  let value = 0
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return null
    value = value * 256 + Number(part)
  }
  return value
}

function* hostsOf(range: Range): Generator<string> {
  if ("host" in range) {
    yield range.host
    return
  }
  for (let n = range.from; n <= range.to; n += 1)
    yield `${Math.floor(n / 2 ** 24)}.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
}
