import type { TempLimits } from "#edge/drivers/driver.ts"
import { openDatabase } from "./open-database.ts"

const SCHEMA = `
CREATE TABLE IF NOT EXISTS limit_overrides (
  miner_id TEXT PRIMARY KEY COLLATE NOCASE, warning_c REAL NOT NULL, critical_c REAL NOT NULL
) STRICT;
`
/** Chip temperatures, °C. */
export type ChipLimits = { warningC: number; criticalC: number }

/** Chip limits of single machines, set by THERMAL_POLICY: what their health is judged by instead of the site's. On disk. */
export type LimitOverrides = {
  /** The limits that hold for a machine where the site's are `site`. */
  of: (minerId: string, site: TempLimits) => TempLimits
  /** Durable when it returns; the site's own values end the override, and the machine follows the site again. */
  set: (minerId: string, limits: ChipLimits, site: TempLimits) => void
  close: () => void
}

export function openLimitOverrides(file: string): { overrides: LimitOverrides; movedAside: string | null } {
  const { db, movedAside } = openDatabase(file, SCHEMA)
  const save = db.prepare("INSERT OR REPLACE INTO limit_overrides VALUES (?, ?, ?)")
  const remove = db.prepare("DELETE FROM limit_overrides WHERE miner_id = ?")
  const byMiner = new Map<string, ChipLimits>()
  type Row = { miner_id: string; warning_c: number; critical_c: number }
  for (const row of db.prepare("SELECT * FROM limit_overrides").all() as Row[])
    byMiner.set(row.miner_id.toLowerCase(), { warningC: row.warning_c, criticalC: row.critical_c })
  const overrides: LimitOverrides = {
    of: (minerId, site) => {
      const own = byMiner.get(minerId.toLowerCase())
      return own === undefined ? site : { ...site, chipWarningC: own.warningC, chipCriticalC: own.criticalC }
    },
    set: (minerId, limits, site) => {
      const sameAsSite = limits.warningC === site.chipWarningC && limits.criticalC === site.chipCriticalC
      if (sameAsSite) {
        remove.run(minerId)
        byMiner.delete(minerId.toLowerCase())
      } else {
        save.run(minerId, limits.warningC, limits.criticalC)
        byMiner.set(minerId.toLowerCase(), { ...limits })
      }
    },
    close: () => db.close(),
  }
  return { overrides, movedAside }
}
