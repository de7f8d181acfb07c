import type { SqlTransaction } from "../client.ts"

/**
 * Rows for `COPY … (FORMAT BINARY)`: the numbers cross as they are, neither printed nor parsed. Column tables name
 * what is written and how; the encoding is PostgreSQL's own ("COPY, Binary Format").
 */
export type CopyKind =
  | "bool"
  | "int2"
  | "int4"
  | "int8"
  | "float4"
  | "float8"
  | "timestamptz"
  | "text"
  | "jsonb"
  | "int2[]"
  | "int4[]"
  | "float4[]"

type CopyValue = {
  bool: boolean
  int2: number
  int4: number
  int8: number
  float4: number
  float8: number
  /** Milliseconds since 1970. */
  timestamptz: number
  text: string
  /** JSON text. */
  jsonb: string
  "int2[]": readonly (number | null | undefined)[]
  "int4[]": readonly (number | null | undefined)[]
  "float4[]": readonly (number | null | undefined)[]
}

export type CopyColumn<Row> = {
  [K in CopyKind]: { name: string; kind: K; of: (row: Row) => CopyValue[K] | null | undefined }
}[CopyKind]

/** A column of a table of columns: name, how it is written, where its value comes from (null and undefined are NULL). */
export function column<Row, K extends CopyKind>(
  name: string,
  kind: K,
  of: (row: Row) => CopyValue[K] | null | undefined,
): CopyColumn<Row> {
  return { name, kind, of } as unknown as CopyColumn<Row>
}

const SIGNATURE = Buffer.from([
  0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0,
])
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1)
const OID = { "int2[]": 21, "int4[]": 23, "float4[]": 700 } as const
/** Up to here a loop is faster than a call out of JavaScript. */
const SHORT_TEXT = 48
const TWO_32 = 4_294_967_296

/** The rows as one binary COPY stream, written over what `out` held. */
export function encodeCopy<Row>(
  columns: readonly CopyColumn<Row>[],
  rows: readonly Row[],
  out = new CopyBuffer(),
): Buffer {
  out.clear()
  out.raw(SIGNATURE)
  for (const row of rows) {
    out.reserve(2 + columns.length * 12)
    out.int16(columns.length)
    for (const { kind, of } of columns) {
      const value = of(row)
      if (value === null || value === undefined) out.missing()
      else out.field(kind, value)
    }
  }
  out.reserve(2)
  out.int16(-1)
  return out.bytes()
}

class CopyBuffer {
  private buffer: Buffer
  private view: DataView
  private at = 0
  constructor() {
    this.buffer = Buffer.allocUnsafeSlow(65_536)
    this.view = new DataView(this.buffer.buffer)
  }

  clear(): void {
    this.at = 0
  }

  reserve(more: number): void {
    if (this.at + more <= this.buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + more))
    this.buffer.copy(grown, 0, 0, this.at)
    this.buffer = grown
    this.view = new DataView(grown.buffer)
  }
  raw(bytes: Buffer): void {
    this.reserve(bytes.length)
    this.at += bytes.copy(this.buffer, this.at)
  }
  int16(value: number): void {
    this.view.setInt16(this.at, value)
    this.at += 2
  }
  int32(value: number): void {
    this.view.setInt32(this.at, value)
    this.at += 4
  }
  missing(): void {
    this.int32(-1)
  }
  /** A view: it changes with the next use. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.at)
  }

  /**
   * Fixed-width kinds (12 bytes at most) fit into what `encodeCopy` reserved for the row; text and arrays reserve for
   * themselves and leave as much behind them again.
   */
  field(kind: CopyKind, value: unknown): void {
    switch (kind) {
      case "bool":
        this.int32(1)
        this.view.setInt8(this.at, value ? 1 : 0)
        this.at += 1
        break
      case "int2":
        this.int32(2)
        this.int16(value as number)
        break
      case "int4":
        this.int32(4)
        this.int32(value as number)
        break
      case "int8":
        this.int64(value as number)
        break
      case "float4":
        this.int32(4)
        this.view.setFloat32(this.at, value as number)
        this.at += 4
        break
      case "float8":
        this.int32(8)
        this.view.setFloat64(this.at, value as number)
        this.at += 8
        break
      case "timestamptz":
        this.int64(((value as number) - POSTGRES_EPOCH_MS) * 1000)
        break
      case "text":
      case "jsonb":
        this.text(value as string, kind === "jsonb")
        break
      default:
        this.array(kind, value as readonly (number | null | undefined)[])
    }
  }

  private int64(value: number): void {
    this.int32(8)
    this.view.setInt32(this.at, Math.floor(value / TWO_32))
    this.view.setUint32(this.at + 4, value >>> 0)
    this.at += 8
  }

  /** jsonb's binary form is its text behind a version byte. */
  private text(value: string, json: boolean): void {
    this.reserve(value.length * 3 + 5 + 1_024)
    const start = this.at
    this.at += 4
    if (json) this.buffer[this.at++] = 1
    if (value.length > SHORT_TEXT || !this.ascii(value)) this.at += this.buffer.write(value, this.at, "utf8")
    this.view.setInt32(start, this.at - start - 4)
  }

  /** Writes plain ASCII; false, and nothing counts as written, when the text holds anything else. */
  private ascii(value: string): boolean {
    for (let n = 0; n < value.length; n++) {
      const code = value.charCodeAt(n)
      if (code > 127) return false
      this.buffer[this.at + n] = code
    }
    this.at += value.length
    return true
  }

  private array(
    kind: "int2[]" | "int4[]" | "float4[]",
    values: readonly (number | null | undefined)[],
  ): void {
    this.reserve(24 + values.length * 8 + 1_024)
    const start = this.at
    this.at += 4
    this.int32(values.length === 0 ? 0 : 1)
    this.int32(values.some((value) => value == null) ? 1 : 0)
    this.int32(OID[kind])
    if (values.length > 0) {
      this.int32(values.length)
      this.int32(1)
    }
    for (const value of values) {
      if (value == null) this.missing()
      else if (kind === "float4[]") this.field("float4", value)
      else this.field(kind === "int2[]" ? "int2" : "int4", value)
    }
    this.view.setInt32(start, this.at - start - 4)
  }
}

/** Buffers of finished copies: made anew for every batch, they would keep the garbage collector busy. */
const idle: CopyBuffer[] = []
const MAX_IDLE = 16

/** Copies rows into a table, in the caller's transaction. Rejects with PostgreSQL's error. */
export async function copyInto<Row>(
  tx: SqlTransaction,
  table: string,
  columns: readonly CopyColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  const out = idle.pop() ?? new CopyBuffer()
  const encoded = encodeCopy(columns, rows, out)
  await copyEncoded(tx, table, columns, encoded)
  if (idle.length < MAX_IDLE) idle.push(out)
}

/**
 * Copies what `encodeCopy` made. postgres.js settles a COPY when its stream opens and loses an error that comes after
 * the last byte; the query's own `resolve` and `reject`, which it calls again when the server is done, are taken over
 * for that.
 */
export async function copyEncoded<Row>(
  tx: SqlTransaction,
  table: string,
  columns: readonly CopyColumn<Row>[],
  encoded: Buffer,
): Promise<void> {
  const names = columns.map((one) => one.name)
  const query = tx`copy ${tx(table)} (${tx(names)}) from stdin (format binary)`
  const stream = await query.writable()
  const settled = new Promise<unknown>((resolve, reject) => {
    Object.assign(query, { resolve, reject })
    stream.on("error", reject)
  })
  stream.end(encoded)
  await settled
}
