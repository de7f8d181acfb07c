import { instantOf } from "#app/lib/zoned-time.ts"
import { COMMAND_STATUS_FILTERS } from "#server/contract/command-list.ts"
import { COMMAND_SOURCES, COMMAND_TYPES } from "#server/contract/commands.ts"

type Site = { id: number; slug: string; timezone: string }

const DAY_MS = 24 * 3_600_000

/**
 * What the address of the history asks for: `?site=&status=&type=&source=&by=&miner=&q=&last=day&from=&to=&page=`; times
 * in the chosen site's zone, else UTC (a single site's own). `last=day` is the last 24 hours and leaves `from` and `to`
 * out. Anything that is none of these is left out.
 */
export function commandQueryOf<S extends Site>(search: URLSearchParams, sites: readonly S[], now: Date) {
  const text = (name: string, most: number) => search.get(name)?.trim().slice(0, most) || undefined
  const id = (name: string) => {
    const given = text(name, 10) ?? ""
    return /^[1-9]\d{0,9}$/.test(given) && Number(given) <= 2_147_483_647 ? Number(given) : undefined
  }
  const site = sites.find((one) => one.slug === text("site", 64))
  const zone = site?.timezone ?? (sites.length === 1 ? sites[0]?.timezone : undefined) ?? "UTC"
  const lastDay = text("last", 8) === "day"
  const time = (name: string) => (lastDay ? undefined : (instantOf(text(name, 32) ?? "", zone) ?? undefined))
  return {
    zone,
    lastDay,
    page: Math.min(id("page") ?? 1, 100_000),
    filter: {
      siteId: site?.id,
      status: COMMAND_STATUS_FILTERS.find((one) => one === text("status", 32)),
      type: COMMAND_TYPES.find((one) => one === text("type", 32)),
      source: COMMAND_SOURCES.find((one) => one === text("source", 16)),
      requestedBy: id("by"),
      minerId: id("miner"),
      q: text("q", 200),
      from: lastDay ? new Date(now.getTime() - DAY_MS) : time("from"),
      to: time("to"),
    },
  }
}
