const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = new Set([0x7b, 0x5b])
const CLOSE = new Set([0x7d, 0x5d])

/** True when the last byte that is not white space closes an object or a list. */
export function endsValueByte(bytes: Uint8Array): boolean {
  let at = bytes.length - 1
  while (at >= 0 && bytes[at]! <= 0x20) at -= 1
  return at >= 0 && CLOSE.has(bytes[at]!)
}

/** Follows brackets outside string literals over the pieces of a reply. */
export class JsonDepth {
  #depth = 0
  #inString = false
  #escaped = false
  #opened = false

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === BACKSLASH) this.#escaped = true
        else if (byte === QUOTE) this.#inString = false
      } else if (byte === QUOTE) this.#inString = true
      else if (OPEN.has(byte)) {
        this.#depth += 1
        this.#opened = true
      } else if (CLOSE.has(byte)) this.#depth -= 1
    }
  }

  /** Every bracket that was opened is closed again. */
  get complete(): boolean {
    return this.#opened && this.#depth === 0 && !this.#inString
  }
}
