import { z } from "zod"
import { type FleetEvent, selectFleetEvents } from "#db/queries/fleet-events.ts"
import type { MinerStatus } from "#db/queries/miner-status.ts"
import {
  type LiveSample,
  type MinerCommandRow,
  type MinerDetail,
  selectLiveSample,
  selectMiner,
  selectMinerCommands,
} from "#db/queries/miners-read.ts"
import type { SiteRow } from "#db/queries/overview.ts"
import { staleAfterMs } from "#server/contract/budgets.ts"
import type { CommandFeature } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { levelAt, roleAt } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import { featuresFor } from "../commands/offered-features.ts"
import type { Context } from "../context.ts"
import { findSite, requireViewer } from "./find-site.ts"

export type { LiveSample, MinerCommandRow, MinerDetail }

const COMMANDS_SHOWN = 10
const EVENTS_SHOWN = 20

export const readMinerInput = z.object({ minerId: z.number().int().positive() })

export type MinerPageFacts = {
  miner: MinerDetail
  status: MinerStatus
  /** The last sample in full, whatever the status; null before the first one (for a client: of his time). */
  live: LiveSample | null
  freshness: { collectedAt: Date | null; receivedAt: Date | null; staleAfterMs: number; stale: boolean }
  /** A client is told of himself only. */
  owner: { userId: number; name: string } | null
  site: SiteRow
  recentCommands: MinerCommandRow[]
  events: FleetEvent[]
  can: {
    edit: "none" | "place" | "all"
    /** Empty for a retired machine. */
    request: CommandFeature[]
  }
}

/** Everything the page of one machine shows besides its charts. Throws NOT_FOUND for a foreign machine. */
export async function readMiner(
  ctx: Context,
  input: z.input<typeof readMinerInput>,
): Promise<MinerPageFacts> {
  requireViewer(ctx)
  const { minerId } = parseInput(readMinerInput, input)
  const at = ctx.now()
  const scope = scopeOf(ctx.actor, "MINER_VIEW")
  const miner = await selectMiner(ctx.db, scope, minerId, at)
  if (!miner) throw new DomainError("NOT_FOUND", "There is no such machine.")
  const audit = levelAt(ctx.actor, "REMOTE_CONTROL_AUDIT", miner.siteId)
  const user = ctx.actor.kind === "user" ? ctx.actor : null
  const isClient = user?.account === "client"
  const [site, live, commands, events] = await Promise.all([
    findSite(ctx, { siteId: miner.siteId }),
    // What was measured before the machine was his is withheld from a client, as `miner.collectedAt` is.
    isClient && miner.collectedAt === null ? null : selectLiveSample(ctx.db, miner.siteId, miner.id),
    audit === "NONE"
      ? []
      : selectMinerCommands(ctx.db, scope, miner, {
          onlyRequestedBy: audit === "OWN" && !isClient ? (user?.userId ?? null) : null,
          limit: COMMANDS_SHOWN,
        }),
    selectFleetEvents(ctx.db, scope, { siteId: miner.siteId, minerId: miner.id, limit: EVENTS_SHOWN }, at),
  ])
  return {
    // Collectors are none of a client's business, their names included.
    miner: isClient ? { ...miner, device: null } : miner,
    status: miner.status,
    live,
    freshness: {
      collectedAt: miner.collectedAt,
      receivedAt: miner.receivedAt,
      staleAfterMs: staleAfterMs(site.pollIntervalS),
      stale: isOld(miner.collectedAt, staleAfterMs(site.pollIntervalS), at),
    },
    owner: miner.owner,
    site,
    recentCommands: isClient ? commands.map((command) => withoutOthers(command, user.userId)) : commands,
    events: events.rows,
    can: whatHeCan(ctx, miner, site),
  }
}

function isOld(collectedAt: Date | null, afterMs: number, at: Date): boolean {
  return collectedAt !== null && at.getTime() - collectedAt.getTime() > afterMs
}

/** A client learns that a command ran on his machine, and of no person but himself. */
function withoutOthers(command: MinerCommandRow, userId: number): MinerCommandRow {
  return command.requestedBy?.userId === userId ? command : { ...command, requestedBy: null }
}

function whatHeCan(ctx: Context, miner: MinerDetail, site: SiteRow): MinerPageFacts["can"] {
  const editing = levelAt(ctx.actor, "MINER_EDIT", miner.siteId)
  const edit = editing === "FULL" ? "all" : editing === "OWN" ? "place" : "none"
  const role = ctx.actor.kind === "user" ? roleAt(ctx.actor, miner.siteId) : null
  return { edit, request: role && miner.state !== "retired" ? featuresFor(role, site) : [] }
}
