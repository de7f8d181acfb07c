import { z } from "zod"
import { DomainError } from "#server/contract/errors.ts"
import { SITE_ROLES } from "#server/contract/permissions.ts"

export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.email("This is not an e-mail address.").max(254, "At most 254 characters."))
export const nameSchema = z.string().trim().min(1, "Give a name.").max(100, "At most 100 characters.")
export const globalRoleSchema = z.enum(["admin", "auditor"]).nullable()
export const membershipsSchema = z
  .array(z.object({ siteId: z.number().int(), role: z.enum(SITE_ROLES) }))
  .max(1_000)
  .refine((list) => new Set(list.map((one) => one.siteId)).size === list.length, "One role a site.")

export function emailTaken(email: string): DomainError {
  const message = `There is an account with ${email} already.`
  return new DomainError("CONFLICT", message, { details: [{ path: "email", message }] })
}

export function refused(path: string, message: string): DomainError {
  return new DomainError("INVALID", message, { details: [{ path, message }] })
}
