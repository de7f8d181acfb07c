/** Waits that end by time, by `wake` or by the signal, whichever is first. Never reject. */
export type Pause = {
  wait: (ms: number) => Promise<void>
  /** Ends every wait; when nobody waits, the next wait returns at once. */
  wake: () => void
}

export function createPause(signal: AbortSignal): Pause {
  const waits = new Set<() => void>()
  let woken = false
  const endAll = () => {
    for (const end of [...waits]) end()
  }
  signal.addEventListener("abort", endAll, { once: true })
  return {
    wait: (ms) => {
      if (signal.aborted || woken) {
        woken = false
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer)
          waits.delete(end)
          resolve()
        }
        const timer = setTimeout(end, ms)
        waits.add(end)
      })
    },
    wake: () => {
      if (waits.size > 0) endAll()
      else woken = true
    },
  }
}
