/** Left for files, the log, the uplink and whatever else this process has open. */
const RESERVED_FILES = 96
export const DEFAULT_SOCKETS = 512
export const MAX_SOCKETS = 4_096

/** As many sockets as wanted and as the process may have open; 16 at least. */
export function socketLimit(wanted = DEFAULT_SOCKETS, openFiles = openFileLimit()): number {
  return Math.max(16, Math.min(wanted, MAX_SOCKETS, openFiles - RESERVED_FILES))
}

let known: number | null = null

/** Of this process; Node has raised it to the hard limit already. */
export function openFileLimit(): number {
  known ??= readLimit()
  return known
}

function readLimit(): number {
  const report = process.report as typeof process.report & { excludeNetwork: boolean }
  const before = report.excludeNetwork
  // Else the report looks up the name of every peer, for seconds.
  report.excludeNetwork = true
  const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  report.excludeNetwork = before
  const soft = Number(userLimits?.open_files?.soft)
  return Number.isFinite(soft) && soft > 0 ? soft : 1_024
}
