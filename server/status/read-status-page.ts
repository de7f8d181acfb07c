import { z } from "zod"
import {
  type PublicFigures,
  selectPublicFigures,
  selectPublicSite,
  selectUptimeDays,
  type UptimeDay,
} from "#db/queries/status-page.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"

export type { UptimeDay }

/** Fewer machines than this are never described by a number: a share of four is a count. */
export const PUBLIC_MIN_MINERS = 5
/** Shares of the machines online below which a site is degraded, and down. */
export const DEGRADED_BELOW = 0.95
export const DOWN_BELOW = 0.5
export const UPTIME_DAYS = 90

export const readStatusPageInput = z.object({ slug: z.string().max(64) })

export type SiteState = "operational" | "degraded" | "down"
export type StatusPage = {
  name: string
  state: SiteState
  /** Of the machines whose condition is known; null when none is, or the site has fewer than five. */
  shareOnline: number | null
  /** Of the machines with a fresh sample; null when the site does not show it, or fewer than five report. */
  hashrateGhs: number | null
  /** Ninety days in the site's zone, today last; null where nothing was measured. */
  uptimeDays: UptimeDay[]
  lastUpdateAt: Date | null
  timezone: string
}

/**
 * The public page of a site (`decisions.md` 31), for anybody. Throws NOT_FOUND when it is switched off or there is no
 * such site, in the same words.
 */
export async function readStatusPage(
  ctx: Context,
  input: z.input<typeof readStatusPageInput>,
): Promise<StatusPage> {
  const parsed = readStatusPageInput.safeParse(input)
  const site = parsed.success ? await selectPublicSite(ctx.db, parsed.data.slug) : null
  if (!site) throw new DomainError("NOT_FOUND", "There is no such status page.")
  const at = ctx.now()
  const [figures, days] = await Promise.all([
    selectPublicFigures(ctx.db, site.id, at),
    selectUptimeDays(ctx.db, site.id, UPTIME_DAYS, at),
  ])
  const enough = figures.active >= PUBLIC_MIN_MINERS
  const shareOnline = enough ? knownShare(figures) : null
  const today = days.at(-1)?.day
  return {
    name: site.name,
    state: siteState(figures),
    shareOnline,
    hashrateGhs:
      site.showHashrate && figures.hashrateMiners >= PUBLIC_MIN_MINERS ? figures.hashrateGhs : null,
    // Today's bar is the day so far, and before its first roll-up the state of now.
    uptimeDays: days.map(({ day, share }) => ({
      day,
      share: enough ? (share ?? (day === today ? shareOnline : null)) : null,
    })),
    lastUpdateAt: figures.lastUpdateAt,
    timezone: site.timezone,
  }
}

/** Machines behind a silent collector are neither online nor offline, and stand in no share. */
function knownShare({ online, offline }: Pick<PublicFigures, "online" | "offline">): number | null {
  return online + offline === 0 ? null : online / (online + offline)
}

/**
 * Down: under half of the machines of known condition are online, or none can be reached at all. Degraded: under 95 %,
 * or some machines cannot be asked because a collector is silent. A site without machines is operational.
 */
export function siteState(
  figures: Pick<PublicFigures, "active" | "online" | "offline" | "unknown">,
): SiteState {
  if (figures.active === 0) return "operational"
  const share = knownShare(figures)
  if (share === null || share < DOWN_BELOW) return "down"
  return share < DEGRADED_BELOW || figures.unknown > 0 ? "degraded" : "operational"
}
