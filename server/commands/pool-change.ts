import type { PoolGroup } from "#db/queries/commands-pools.ts"
import type { CommandType } from "#server/contract/commands.ts"

/** One line of a CHANGE_POOL: machines that mined alike before, and where they go. Accounts are worker names up to the first dot. */
export type PoolChange = {
  oldUrl: string | null
  /** The account, not the whole worker. */
  oldWorker: string | null
  /** `before`: as the command found it; `live`: as it mines now; null: nobody knows. */
  seen: "before" | "live" | null
  newUrl: string
  /** As requested, with its placeholders. */
  newWorker: string
  count: number
  /** The payout account changes. */
  leavesAccount: boolean
  /** Some of the machines. */
  minerIds: number[]
}

type Command = { type: CommandType; parameters: Record<string, unknown> }
type ChangePool = { pools?: { url: string; worker_name: string }[]; pool_number?: number }

/** The slot that a CHANGE_POOL changes first; null for other types. */
export function poolSlotOf(command: Command): number | null {
  return command.type === "CHANGE_POOL" ? ((command.parameters as ChangePool).pool_number ?? 0) : null
}

export function poolChangeOf(command: Command, group: PoolGroup): PoolChange {
  const [first] = (command.parameters as ChangePool).pools ?? []
  const newWorker = first?.worker_name ?? ""
  const newAccount = newWorker.split(".")[0]
  return {
    oldUrl: group.oldUrl,
    oldWorker: group.oldAccount,
    seen: group.seen,
    newUrl: first?.url ?? "",
    newWorker,
    count: group.count,
    leavesAccount: group.oldAccount !== null && group.oldAccount !== newAccount,
    minerIds: group.minerIds,
  }
}
