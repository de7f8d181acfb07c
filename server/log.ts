import pino from "pino"

/** Structured logs: JSON lines, one wide event per request, job and poll cycle. The only file that imports pino. */
export type Log = pino.Logger

/** Member names whose values never reach a log, at any depth the products' events have. */
const SECRET_NAMES = [
  "password",
  "pass",
  "pool_password",
  "passwd",
  "secret",
  "token",
  "key",
  "code",
  "cookie",
  "authorization",
  "x-collector-key",
  "session_id",
  "sessionId",
  "password_hash",
  "private_key",
]
const paths = SECRET_NAMES.flatMap((name) => {
  const quoted = name.includes("-") ? `["${name}"]` : name
  const join = (prefix: string) => (quoted.startsWith("[") ? `${prefix}${quoted}` : `${prefix}.${quoted}`)
  return [quoted, join("*"), join("*.*"), join("*.*.*")]
})

/** Also caught inside free text: collector keys, and passwords inside addresses. */
function scrubText(text: string): string {
  return text
    .replace(/hsc_[A-Za-z0-9_-]{20,}/g, "hsc_[redacted]")
    .replace(/(\/\/[^\s/:@]+:)[^\s/@]+@/g, "$1[redacted]@")
}

export function createLog(options: {
  name: string
  level?: string
  destination?: pino.DestinationStream
}): Log {
  return pino(
    {
      name: options.name,
      level: options.level ?? "info",
      base: { name: options.name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: "[redacted]" },
      hooks: {
        logMethod(args, method) {
          const scrubbed = args.map((arg) => (typeof arg === "string" ? scrubText(arg) : arg))
          method.apply(this, scrubbed as Parameters<typeof method>)
        },
      },
      serializers: {
        err: (error: Error) => {
          const plain = pino.stdSerializers.err(error)
          return { type: plain.type, message: scrubText(plain.message), stack: scrubText(plain.stack ?? "") }
        },
      },
    },
    options.destination ?? pino.destination({ dest: 2, sync: false }),
  )
}

/** A log that says nothing, for tests and benchmarks. */
export const silentLog: Log = pino({ level: "silent" })
