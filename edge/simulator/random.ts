/** Stateless pseudo-randomness: the same seed and salt give the same number in every run and every process. */
export function hash32(seed: number, salt: number): number {
  let h = (seed ^ Math.imul(salt | 0, 0x9e3779b1)) >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** In [0, 1). */
export function unit(seed: number, salt: number): number {
  return hash32(seed, salt) / 0x1_0000_0000
}

/** In [-1, 1), denser around 0. */
export function centred(seed: number, salt: number): number {
  return unit(seed, salt) + unit(seed, salt ^ 0x5bd1e995) - 1
}

/** FNV-1a, for seeds from texts such as addresses. */
export function seedOf(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}

export function hex(seed: number, salt: number, digits: number): string {
  let out = ""
  for (let i = 0; out.length < digits; i++)
    out += hash32(seed, salt + i)
      .toString(16)
      .padStart(8, "0")
  return out.slice(0, digits)
}
