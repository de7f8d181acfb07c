/** A wait that ends by time, by `wake` or by the signal, whichever is first. Never rejects. */
export type Pause = { wait: (ms: number) => Promise<void>; wake: () => void }

export function createPause(signal: AbortSignal): Pause {
  let end: (() => void) | null = null
  let woken = false
  signal.addEventListener("abort", () => end?.(), { once: true })
  return {
    wait: (ms) => {
      if (signal.aborted || woken) {
        woken = false
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => end?.(), ms)
        end = () => {
          clearTimeout(timer)
          end = null
          woken = false
          resolve()
        }
      })
    },
    /** Remembered when nobody waits: the next wait returns at once. */
    wake: () => {
      if (end) end()
      else woken = true
    },
  }
}
