import type { TRPCError } from "@trpc/server"
import { type TRPC_ERROR_CODE_NUMBER, TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc"
import {
  DomainError,
  databaseAway,
  detailsOf,
  ERROR_TABLE,
  type ErrorCode,
  type ErrorDetail,
  isDatabaseAway,
} from "#server/contract/errors.ts"

/** The gateway's one map of errors: whatever a procedure threw becomes a DomainError, and that the answer. */
export type GatewayErrorData = {
  code: string
  httpStatus: number
  appCode: ErrorCode
  details: ErrorDetail[]
  retryAfterS: number | null
  requestId: string | null
}

/** tRPC's own refusals (no such procedure, unreadable JSON, wrong shape), verbs' errors, and everything else as INTERNAL. */
export function toDomainError(error: TRPCError): DomainError {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof DomainError) return at
  if (isDatabaseAway(error)) return databaseAway(error.cause)
  const issues = (error.cause as { issues?: unknown } | undefined)?.issues
  if (Array.isArray(issues)) {
    const details = detailsOf({ issues })
    const first = details[0]
    return new DomainError(
      "INVALID",
      first ? `${first.path || "input"}: ${first.message}` : "invalid input",
      {
        details: details.slice(0, 20),
      },
    )
  }
  switch (error.code) {
    case "NOT_FOUND":
      return new DomainError("NOT_FOUND", "There is no such procedure.")
    case "PARSE_ERROR":
    case "BAD_REQUEST":
      return new DomainError("INVALID", "The body is not valid JSON.")
    case "METHOD_NOT_SUPPORTED":
    case "UNSUPPORTED_MEDIA_TYPE":
      return new DomainError("INVALID", "Wrong method or content type for this procedure.")
    default:
      return new DomainError("INTERNAL", "internal error", { cause: error.cause ?? error })
  }
}

/** What the caller sees: no stack, and of an internal error the request id alone. */
export function errorShape(
  error: TRPCError,
  requestId: string | null,
): { message: string; code: TRPC_ERROR_CODE_NUMBER; data: GatewayErrorData } {
  const known = toDomainError(error)
  const { trpc, http } = ERROR_TABLE[known.code]
  return {
    message:
      known.code === "INTERNAL" ? `Something went wrong. Request ${requestId ?? "unknown"}.` : known.message,
    code: TRPC_ERROR_CODES_BY_KEY[trpc],
    data: {
      code: trpc,
      httpStatus: http,
      appCode: known.code,
      details: known.details,
      retryAfterS: known.retryAfterS,
      requestId,
    },
  }
}
