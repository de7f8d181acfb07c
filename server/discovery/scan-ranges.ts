import {
  type AddressRange,
  countAddresses,
  formatRange,
  mergeRanges,
  parseAddressRange,
  SCAN_MAX_ADDRESSES,
} from "#server/contract/address-ranges.ts"
import { DomainError } from "#server/contract/errors.ts"

const MAX_TEXTS = 50_000
/** Of what a person wrote, for the page; the ranges are kept whole. */
const MAX_SHOWN = 200
const MAX_RANGES = 20_000

/**
 * What a scan looks at, from what people wrote. Throws INVALID at `targets` with what is wrong: the first five texts
 * that mean nothing, no address at all, or more than 1,048,576.
 */
export function scanRanges(
  texts: readonly string[],
  options: { edges: boolean },
): { targets: string[]; ranges: string[]; total: number } {
  if (texts.length === 0) throw invalid(["Write an address, a range or a network, like 10.0.3.0/24."])
  if (texts.length > MAX_TEXTS) throw invalid([`${texts.length} lines are too many; ${MAX_TEXTS} at most.`])
  const parsed = texts.map((text) => parseAddressRange(text, options))
  const problems = parsed.filter((one) => typeof one === "string")
  if (problems.length > 0)
    throw invalid([
      ...problems.slice(0, 5),
      ...(problems.length > 5 ? [`and ${problems.length - 5} more`] : []),
    ])
  const ranges = mergeRanges(parsed as AddressRange[])
  const total = countAddresses(ranges)
  if (total > SCAN_MAX_ADDRESSES)
    throw invalid([`These are ${total} addresses; a scan looks at ${SCAN_MAX_ADDRESSES} at most.`])
  if (ranges.length > MAX_RANGES)
    throw invalid([`These are ${ranges.length} separate ranges; ${MAX_RANGES} at most.`])
  const shown = texts.length > MAX_SHOWN ? ranges.slice(0, MAX_SHOWN).map(formatRange) : texts
  return { targets: shown.map((text) => text.trim().slice(0, 64)), ranges: ranges.map(formatRange), total }
}

function invalid(problems: string[]): DomainError {
  const message = problems.join(" · ")
  return new DomainError("INVALID", message, { details: [{ path: "targets", message }] })
}
