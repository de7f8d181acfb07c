import { type AddressRange, countAddresses } from "#server/contract/address-ranges.ts"

/**
 * Every address of the ranges once, in an order that looks random and is the same for the same seed: a scan spreads over
 * all subnets from its first second on and never hammers one switch, and one that was interrupted goes on at its
 * `position`. Memory does not depend on the number of addresses.
 */
export type Step = { position: number; address: number }

export function* walkAddresses(
  ranges: readonly AddressRange[],
  seed: number,
  fromPosition = 0,
): Generator<Step> {
  const total = countAddresses(ranges)
  const addressAt = indexed(ranges)
  const bits = Math.max(1, Math.ceil(Math.log2(Math.max(2, total))))
  const permute = permutation(bits, seed)
  for (let position = fromPosition; position < 2 ** bits; position += 1) {
    const index = permute(position)
    // The permutation is of a power of two: what lies beyond the last address is passed over.
    if (index < total) yield { position, address: addressAt(index) }
  }
}

/** A bijection of the numbers below `2 ** bits`: each of its four steps is one. */
function permutation(bits: number, seed: number): (value: number) => number {
  const mask = bits >= 32 ? 0xffff_ffff : 2 ** bits - 1
  const shift = Math.max(1, bits >> 1)
  const first = (Math.imul(seed, 0x9e37_79b1) | 1) >>> 0
  const second = (Math.imul(seed ^ 0x85eb_ca6b, 0xc2b2_ae35) | 1) >>> 0
  return (value) => {
    let x = (Math.imul(value, first) + seed) & mask
    x ^= (x & mask) >>> shift
    x = Math.imul(x, second) & mask
    x ^= (x >>> 0) >>> shift
    return (x & mask) >>> 0
  }
}

function indexed(ranges: readonly AddressRange[]): (index: number) => number {
  const starts: number[] = []
  let sum = 0
  for (const { from, to } of ranges) {
    starts.push(sum)
    sum += to - from + 1
  }
  return (index) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= index) low = middle
      else high = middle - 1
    }
    return (ranges[low] as AddressRange).from + index - (starts[low] as number)
  }
}
