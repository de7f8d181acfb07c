import { connect, type Socket } from "node:net"
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js"
import type { Sql as PostgresSql, TransactionSql } from "postgres"
import postgres from "./postgres-js.ts"
import * as schema from "./schema/index.ts"

export { schema }
export type Sql = PostgresSql
export type SqlTransaction = TransactionSql
export type Database = PostgresJsDatabase<typeof schema>
/** A transaction of `Database`. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0]
/** Queries take either: alone, or inside the caller's transaction. */
export type Executor = Database | Transaction

export type DatabaseHandle = { sql: Sql; db: Database; close: () => Promise<void> }

/**
 * Opens a pool on `url`. `sql` is postgres.js itself (COPY, LISTEN, set-based statements), `db` drizzle over the
 * same connections. Timestamps are `Date` on both.
 */
export function openDatabase(url: string, options: { max?: number; name: string }): DatabaseHandle {
  const sql = postgres(url, {
    max: options.max ?? 10,
    idle_timeout: 60,
    connect_timeout: 10,
    connection: { application_name: options.name, timezone: "UTC" },
    onnotice: () => {},
    socket: openSocket(),
    types: NUMBER_ARRAYS,
  } as Parameters<typeof postgres>[1])
  const db = withDates(sql)
  return { sql, db, close: () => sql.end({ timeout: 5 }) }
}

/**
 * Sockets without Nagle's delay: the end of a COPY is a small packet behind large ones, and would wait 40 ms for an
 * acknowledgement. The socket is handed over while it connects; several hosts of one address are tried in turn.
 */
function openSocket(): (options: { host: string[]; port: number[]; path: string | false }) => Socket {
  let attempts = 0
  return ({ host, port, path }) => {
    const turn = attempts++ % host.length
    return path
      ? connect({ path })
      : connect({ host: host[turn] ?? "127.0.0.1", port: port[turn] ?? 5432, noDelay: true })
  }
}

/** postgres.js reads a NULL inside an array of numbers as NaN: unknown is null. Bigints stay text, as outside of arrays. */
const numberArray = (oid: number, read: (text: string) => unknown) => ({
  to: oid,
  from: [oid],
  serialize: (values: unknown) =>
    Array.isArray(values) ? `{${values.map((value) => value ?? "NULL").join(",")}}` : values,
  parse: (text: string) =>
    text === "{}"
      ? []
      : text
          .slice(1, -1)
          .split(",")
          .map((value) => (value === "NULL" ? null : read(value))),
})
const NUMBER_ARRAYS = {
  int2Array: numberArray(1005, Number),
  int4Array: numberArray(1007, Number),
  int8Array: numberArray(1016, String),
  float4Array: numberArray(1021, Number),
  float8Array: numberArray(1022, Number),
}

const DATE_TYPES = ["1184", "1082", "1083", "1114", "1182", "1185", "1115", "1231"]

/**
 * drizzle replaces the client's parsers and serializers. Those of dates are put back, so that raw `sql` speaks `Date`
 * too (drizzle takes both); those of JSON stay drizzle's: raw `sql` passes JSON as text (`${JSON.stringify(x)}::jsonb`).
 */
function withDates(sql: Sql): Database {
  const parsers = pick(sql.options.parsers)
  const serializers = pick(sql.options.serializers)
  const db = drizzle(sql, { schema })
  Object.assign(sql.options.parsers, parsers)
  Object.assign(sql.options.serializers, serializers)
  return db
}

function pick<T>(byType: Record<string | number, T>): Record<string, T> {
  return Object.fromEntries(
    DATE_TYPES.flatMap((type) => (byType[type] === undefined ? [] : [[type, byType[type]]])),
  )
}
