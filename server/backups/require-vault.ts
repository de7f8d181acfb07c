import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"
import type { Vault } from "../vault.ts"

/** What enciphers backups. Throws INTERNAL in a process that has no vault (worker, command line). */
export function requireVault(ctx: Pick<Context, "vault">): Vault {
  if (ctx.vault) return ctx.vault
  throw new DomainError("INTERNAL", "this process has no vault")
}

/** What a backup's settings are sealed under: the text of one backup does not open as another's. */
export const aboutBackup = (id: string) => `backup:${id}`
