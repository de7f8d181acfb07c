import { DomainError } from "#server/contract/errors.ts"
import type { DeviceActor } from "../access/actor.ts"
import type { Context } from "../context.ts"

/** Demands a collector with its key. */
export function requireDevice(ctx: Context): DeviceActor {
  if (ctx.actor.kind === "device") return ctx.actor
  throw new DomainError("UNAUTHENTICATED", "This needs a collector key.")
}
