import { DomainError } from "#server/contract/errors.ts"

/**
 * What a collector may be told to look at: IPv4 `host[:port]`, `FROM-TO[:port]` or `CIDR[:port]`, a /16 at most.
 * No host names: what a name means is decided elsewhere and can change after a person looked at the target, and a
 * command must reach the machine that was shown. Nor addresses that are no machine on a site's network: 0/8,
 * link-local (cloud metadata live there), multicast and above. Loopback is allowed: the simulator answers there.
 */
const MAX_ADDRESSES = 65_536
export const MAX_TARGETS = 1_000
const DEFAULT_PORT = 4028

export type ParsedTarget = {
  /** One spelling for each meaning, so that the same target twice is seen. */
  value: string
  addresses: number
}

/** Throws INVALID with the path `value` and what to write instead. */
export function parseTargetValue(text: string): ParsedTarget {
  const match = /^([^:\s]+)(?::(\d{1,5}))?$/.exec(text.trim().replace(/\s*-\s*/, "-"))
  const body = match?.[1]
  if (body === undefined) throw invalid("Write host[:port], FROM-TO or a CIDR like 10.0.3.0/24.")
  const port = match?.[2] === undefined ? DEFAULT_PORT : Number(match[2])
  if (port < 1 || port > 65_535) throw invalid("A port is a number from 1 to 65535.")
  const range = parseRange(body)
  refuseUnusable(range.from, range.to)
  return {
    value: range.text + (port === DEFAULT_PORT ? "" : `:${port}`),
    addresses: range.to - range.from + 1,
  }
}

/** Throws INVALID when these are more than one collector can look at. */
export function refuseTooMany(targets: ParsedTarget[]): void {
  const addresses = targets.reduce((sum, target) => sum + target.addresses, 0)
  if (targets.length > MAX_TARGETS || addresses > MAX_ADDRESSES)
    throw invalid(
      `A collector looks at ${MAX_ADDRESSES} addresses in ${MAX_TARGETS} targets at most; these would be ${addresses} in ${targets.length}.`,
    )
}

type Range = { from: number; to: number; text: string }

function parseRange(body: string): Range {
  const [base = "", prefixText, ...rest] = body.split("/")
  if (prefixText !== undefined) {
    if (rest.length > 0 || !/^\d{1,2}$/.test(prefixText) || Number(prefixText) > 32)
      throw invalid("A CIDR is an address, a slash and 16 to 32, like 10.0.3.0/24.")
    const prefix = Number(prefixText)
    if (prefix < 16) throw invalid(`/${prefix} is more than ${MAX_ADDRESSES} addresses: use /16 or smaller.`)
    const size = 2 ** (32 - prefix)
    const from = Math.floor(parseAddress(base) / size) * size
    return { from, to: from + size - 1, text: `${format(from)}/${prefix}` }
  }
  const [first = "", last, ...more] = body.split("-")
  if (last === undefined) {
    const address = parseAddress(body)
    return { from: address, to: address, text: format(address) }
  }
  if (more.length > 0) throw invalid("A range is FROM-TO, like 10.0.3.10-10.0.3.90.")
  const from = parseAddress(first)
  const to = parseAddress(/^\d{1,3}$/.test(last) ? first.replace(/\d+$/, last) : last)
  if (to < from) throw invalid("The range ends before it begins.")
  if (to - from + 1 > MAX_ADDRESSES) throw invalid(`A range may have ${MAX_ADDRESSES} addresses at most.`)
  return { from, to, text: `${format(from)}-${format(to)}` }
}

function parseAddress(text: string): number {
  const parts = text.split(".")
  // A leading zero means octal to some programs and nothing to others.
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255))
    throw invalid(`"${text}" is not an IPv4 address. Names are not taken: write the address.`)
  return parts.reduce((value, part) => value * 256 + Number(part), 0)
}

const UNUSABLE: [from: string, to: string, what: string][] = [
  ["0.0.0.0", "0.255.255.255", "no machine has an address that begins with 0"],
  ["169.254.0.0", "169.254.255.255", "link-local addresses are not looked at"],
  ["224.0.0.0", "255.255.255.255", "multicast and reserved addresses are no machines"],
]

function refuseUnusable(from: number, to: number): void {
  for (const [first, last, what] of UNUSABLE)
    if (from <= parseAddress(last) && to >= parseAddress(first)) throw invalid(`This does not work: ${what}.`)
}

function format(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".")
}

function invalid(message: string): DomainError {
  return new DomainError("INVALID", message, { details: [{ path: "value", message }] })
}
