/**
 * The product's errors: one table from code to HTTP status, tRPC code and whether trying again can help.
 * Verbs throw `DomainError`; the gateway, the app and the jobs map it, each in one place.
 */
export const ERROR_TABLE = {
  UNAUTHENTICATED: { http: 401, trpc: "UNAUTHORIZED", retryable: false },
  FORBIDDEN: { http: 403, trpc: "FORBIDDEN", retryable: false },
  NOT_FOUND: { http: 404, trpc: "NOT_FOUND", retryable: false },
  CONFLICT: { http: 409, trpc: "CONFLICT", retryable: false },
  INVALID: { http: 422, trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  PAYLOAD_TOO_LARGE: { http: 413, trpc: "PAYLOAD_TOO_LARGE", retryable: false },
  RATE_LIMITED: { http: 429, trpc: "TOO_MANY_REQUESTS", retryable: true },
  UNAVAILABLE: { http: 503, trpc: "SERVICE_UNAVAILABLE", retryable: true },
  INTERNAL: { http: 500, trpc: "INTERNAL_SERVER_ERROR", retryable: true },
} as const

export type ErrorCode = keyof typeof ERROR_TABLE

/** One thing that is wrong with an input: where (a dotted path, "" for the whole) and what to do. */
export type ErrorDetail = { path: string; message: string }

/** The only error a verb throws on purpose. `message` is for a person and holds no secret. */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetail[]
  /** Seconds until another try can succeed (RATE_LIMITED, UNAVAILABLE). */
  readonly retryAfterS: number | null
  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: ErrorDetail[]; retryAfterS?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = "DomainError"
    this.code = code
    this.details = options.details ?? []
    this.retryAfterS = options.retryAfterS ?? null
  }
  get http(): number {
    return ERROR_TABLE[this.code].http
  }
}

/** The zod issues of a failed parse as details. */
export function detailsOf(error: {
  issues: readonly { path: PropertyKey[]; message: string }[]
}): ErrorDetail[] {
  return error.issues.map((issue) => ({ path: issue.path.map(String).join("."), message: issue.message }))
}

/** Codes of postgres.js, of sockets and of PostgreSQL that mean: the database is not there now, try again. */
const DATABASE_AWAY =
  /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONNREFUSED|ECONNRESET|EPIPE|57P0[1-5]|53300|08\w{3})$/

/** True when an error, or what caused it, is a database that cannot be reached now. */
export function isDatabaseAway(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (DATABASE_AWAY.test(String((at as { code?: unknown }).code ?? ""))) return true
  return false
}

/** What a person or a collector is told meanwhile. */
export function databaseAway(cause: unknown): DomainError {
  return new DomainError("UNAVAILABLE", "The database does not answer now. Try again in a moment.", {
    retryAfterS: 1,
    cause,
  })
}
