import type { LoginStore, RefusalRow } from "./login-store.ts"

/** The machines that refuse the login they are tried with, on disk, and what the server has heard of it. */
export type Refusals = {
  /** A machine that refuses already keeps its date. */
  begin: (row: Omit<RefusalRow, "told"> & { sinceMs: number }) => void
  /** It took a login. */
  end: (minerId: string) => void
  /** It answered without a word of a login: the same question had failed for want of one. */
  answered: (minerId: string, asked: string) => void
  /** Whose login is refused now. */
  waiting: () => string[]
  isWaiting: (minerId: string) => boolean
  untold: () => RefusalRow[]
  /** The server has these, as they were sent. */
  told: (rows: readonly RefusalRow[]) => void
  /** The server has forgotten all: what still waits is to be told again. */
  tellAll: () => void
}

export function createRefusals(
  store: Pick<LoginStore, "refusals" | "putRefusal" | "deleteRefusal">,
  onNews: () => void,
): Refusals {
  const rows = new Map(store.refusals().map((row) => [row.minerId.toLowerCase(), row]))
  const put = (row: RefusalRow) => {
    rows.set(row.minerId.toLowerCase(), row)
    store.putRefusal(row)
    if (!row.told) onNews()
  }
  const end = (minerId: string) => {
    const row = rows.get(minerId.toLowerCase())
    if (row !== undefined && row.sinceMs !== null) put({ ...row, sinceMs: null, by: null, told: false })
  }
  return {
    begin: (row) => {
      const before = rows.get(row.minerId.toLowerCase())
      const sinceMs = before?.sinceMs ?? row.sinceMs
      const known = before !== undefined && before.sinceMs !== null && before.username === row.username
      if (known && before.by === row.by) return
      put({ ...row, sinceMs, told: known && before.told })
    },
    end,
    answered: (minerId, asked) => {
      if (rows.get(minerId.toLowerCase())?.by === asked) end(minerId)
    },
    waiting: () => [...rows.values()].filter((row) => row.sinceMs !== null).map((row) => row.minerId),
    isWaiting: (minerId) => (rows.get(minerId.toLowerCase())?.sinceMs ?? null) !== null,
    untold: () => [...rows.values()].filter((row) => !row.told),
    told: (sent) => {
      for (const row of sent) {
        const key = row.minerId.toLowerCase()
        if (rows.get(key) !== row) continue
        if (row.sinceMs === null) {
          rows.delete(key)
          store.deleteRefusal(key)
        } else put({ ...row, told: true })
      }
    },
    tellAll: () => {
      for (const row of [...rows.values()]) if (row.told) put({ ...row, told: false })
    },
  }
}
