/**
 * Addresses to look at, as people write them: one IPv4 address, `FROM-TO` (also `10.0.3.10-90`), or a CIDR of any prefix.
 * Shared by the scanner at the site and by the verbs that ask for a scan. Nothing here makes a list of addresses.
 */
export const SCAN_MAX_ADDRESSES = 2 ** 20

/** Both ends inclusive, as numbers of 32 bits. */
export type AddressRange = { from: number; to: number }

export function parseIpv4(text: string): number | null {
  const parts = text.split(".")
  // A leading zero means octal to some programs and nothing to others.
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255))
    return null
  return parts.reduce((value, part) => value * 256 + Number(part), 0)
}

export function formatIpv4(address: number): string {
  return `${Math.floor(address / 2 ** 24)}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}

/**
 * What one text means, or a sentence that says what is wrong with it. Network and broadcast address of a CIDR are left
 * out below /31, unless `edges`.
 */
export function parseAddressRange(text: string, options: { edges?: boolean } = {}): AddressRange | string {
  const body = text.trim().replace(/\s*-\s*/, "-")
  const range = body.includes("/") ? ofCidr(body, options.edges === true) : ofSpan(body)
  if (typeof range === "string") return `${text.trim().slice(0, 80)}: ${range}`
  for (const { from, to, what } of UNUSABLE)
    if (range.from <= to && range.to >= from) return `${body}: ${what}`
  return range
}

function ofCidr(body: string, edges: boolean): AddressRange | string {
  const match = /^([^/]+)\/(\d{1,2})$/.exec(body)
  const base = parseIpv4(match?.[1] ?? "")
  const prefix = Number(match?.[2] ?? 33)
  if (base === null || prefix > 32) return "is no network; write it like 10.0.3.0/24"
  const size = 2 ** (32 - prefix)
  const first = Math.floor(base / size) * size
  const edge = edges || prefix >= 31 ? 0 : 1
  return { from: first + edge, to: first + size - 1 - edge }
}

function ofSpan(body: string): AddressRange | string {
  const [first = "", last = first, ...more] = body.split("-")
  const from = parseIpv4(first)
  const to = parseIpv4(/^\d{1,3}$/.test(last) ? first.replace(/\d+$/, last) : last)
  if (more.length > 0 || from === null || to === null)
    return /:\d+$/.test(body)
      ? "a port does not belong here; give the ports apart"
      : "is no address, range or network; write 10.0.3.7, 10.0.3.10-10.0.3.90 or 10.0.3.0/24"
  return to < from ? "the range ends before it begins" : { from, to }
}

const span = (from: string, to: string, what: string) => ({
  from: parseIpv4(from) ?? 0,
  to: parseIpv4(to) ?? 0,
  what,
})
/** No machine of a site's network is there. Loopback is allowed: the simulator answers there. */
const UNUSABLE = [
  span("0.0.0.0", "0.255.255.255", "no machine has an address that begins with 0"),
  span("169.254.0.0", "169.254.255.255", "link-local addresses are not looked at"),
  span("224.0.0.0", "255.255.255.255", "multicast and reserved addresses are no machines"),
]

/** The same addresses, each once: in order, without overlaps, neighbours joined. */
export function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const merged: AddressRange[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last !== undefined && range.from <= last.to + 1) last.to = Math.max(last.to, range.to)
    else merged.push({ ...range })
  }
  return merged
}

export function countAddresses(ranges: readonly AddressRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)
}

/** One spelling for each range: `10.0.3.7` or `10.0.3.10-10.0.3.90`. */
export function formatRange({ from, to }: AddressRange): string {
  return from === to ? formatIpv4(from) : `${formatIpv4(from)}-${formatIpv4(to)}`
}

/** The texts of a list as people type it: one a line, or divided by blanks, commas or semicolons; `#` begins a remark. */
export function textsOfList(list: string): string[] {
  return list
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, "").replace(/\s+-\s+/g, "-"))
    .flatMap((line) => line.split(/[\s,;]+/))
    .filter((text) => text !== "")
}

/** The texts of a file: the first column of each line, be it divided by commas, semicolons or tabs; a heading is left out. */
export function textsOfFile(file: string): string[] {
  const lines = file.replace(/^\uFEFF/, "").split(/\r?\n/)
  return lines
    .map((line) => (line.replace(/#.*$/, "").split(/[,;\t]/)[0] ?? "").replace(/^\s*"?|"?\s*$/g, "").trim())
    .filter((text, at) => text !== "" && !(at === 0 && /^[a-z][a-z _-]*$/i.test(text)))
}
