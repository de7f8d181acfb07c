import type { ErrorCode } from "#server/contract/errors.ts"

/** Why a call to the gateway failed. `UNREACHABLE` is ours: no answer, or one that is not the gateway's. */
export type GatewayErrorCode = ErrorCode | "UNREACHABLE" | "ABORTED"

export class GatewayError extends Error {
  readonly code: GatewayErrorCode
  /** From `Retry-After`; null when the gateway did not say. */
  readonly retryAfterMs: number | null
  constructor(code: GatewayErrorCode, message: string, retryAfterMs: number | null = null) {
    super(message)
    this.name = "GatewayError"
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

export function asGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError
    ? error
    : new GatewayError("INTERNAL", String((error as Error)?.message))
}

/** Refused for what this collector is, not for what it sent: try again slowly, and only with telemetry and heartbeats. */
export function isRevoked(error: GatewayError): boolean {
  return error.code === "UNAUTHENTICATED" || error.code === "FORBIDDEN"
}
