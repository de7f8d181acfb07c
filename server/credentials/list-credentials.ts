import { z } from "zod"
import {
  type CredentialRow,
  selectCredentials,
  selectCredentialsFor,
  selectHolders,
} from "#db/queries/credentials.ts"
import { countRefusals, type LoginRefusal, selectRefusal } from "#db/queries/credentials-refused.ts"
import { parseInput } from "../access/parse-input.ts"
import { levelAt, requirePermission } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { siteIdInput } from "./credential-subject.ts"

/** A login with the collectors that have its password, and those that want it given again. */
export type Credential = Omit<CredentialRow, "holders"> & {
  heldBy: { deviceId: number; name: string }[]
  missingAt: { deviceId: number; name: string }[]
}
export type CredentialList = {
  /** Of the site and of families. */
  shared: Credential[]
  machines: { rows: Credential[]; total: number; page: number; pageSize: number }
  collectors: number
  /** Active machines that refuse the login they are tried with. */
  needLogin: number
  can: { change: boolean }
}

export const listCredentialsInput = z.object({
  siteId: siteIdInput,
  page: z.number().int().min(1).max(10_000).default(1),
  pageSize: z.number().int().min(1).max(200).default(50),
})

/** The logins of a site without their passwords, which nobody can read back. Throws FORBIDDEN below READ, NOT_FOUND. */
export async function listCredentials(
  ctx: Context,
  input: z.input<typeof listCredentialsInput>,
): Promise<CredentialList> {
  requirePermission(ctx, "COLLECTOR_MANAGE", input.siteId, "READ")
  const { siteId, page, pageSize } = parseInput(listCredentialsInput, input)
  const [found, holders, needLogin] = await Promise.all([
    selectCredentials(ctx.db, siteId, { limit: pageSize, offset: (page - 1) * pageSize }),
    selectHolders(ctx.db, siteId),
    countRefusals(ctx.db, siteId),
  ])
  return {
    shared: found.shared.map((row) => withHolders(row, holders)),
    machines: {
      rows: found.machines.map((row) => withHolders(row, holders)),
      total: found.machineCount,
      page,
      pageSize,
    },
    collectors: holders.length,
    needLogin,
    can: { change: levelAt(ctx.actor, "COLLECTOR_MANAGE", siteId) === "FULL" },
  }
}

export type MinerLogin = {
  refusal: LoginRefusal | null
  /** Its own, then those that could count for it: its family is the collector's knowledge. */
  own: Credential | null
  site: Credential | null
  families: Credential[]
  can: { change: boolean }
}

/** The logins that count for one machine; null for who may not see them. The caller has checked that he sees the machine. */
export async function readMinerLogin(
  ctx: Context,
  miner: { siteId: number; id: number },
): Promise<MinerLogin | null> {
  const { siteId, id } = miner
  const level = levelAt(ctx.actor, "COLLECTOR_MANAGE", siteId)
  if (level !== "READ" && level !== "FULL") return null
  const [rows, holders, refusal] = await Promise.all([
    selectCredentialsFor(ctx.db, siteId, id),
    selectHolders(ctx.db, siteId),
    selectRefusal(ctx.db, siteId, id),
  ])
  const all = rows.map((row) => withHolders(row, holders))
  return {
    refusal,
    own: all.find((row) => row.scope === "miner") ?? null,
    site: all.find((row) => row.scope === "site") ?? null,
    families: all.filter((row) => row.scope === "family"),
    can: { change: level === "FULL" },
  }
}

function withHolders(
  { holders, ...row }: CredentialRow,
  collectors: readonly { deviceId: number; name: string }[],
): Credential {
  const named = collectors.map(({ deviceId, name }) => ({ deviceId, name }))
  return {
    ...row,
    heldBy: named.filter(({ deviceId }) => holders.includes(deviceId)),
    missingAt: named.filter(({ deviceId }) => !holders.includes(deviceId)),
  }
}
