/** Time as the farm sees it. Nothing in the simulator reads another clock or sets another timer. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number
  after(delayMs: number, run: () => void): Cancel
}
export type Cancel = () => void

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
}

/** A clock that stands still until it is told to go on; timers fire in order while it advances. */
export class ManualClock implements Clock {
  #nowMs: number
  #timers: { atMs: number; run: () => void }[] = []

  constructor(startMs = Date.UTC(2026, 0, 15, 12)) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (!due) break
      this.#timers = this.#timers.filter((timer) => timer !== due)
      this.#nowMs = Math.max(this.#nowMs, due.atMs)
      due.run()
    }
    this.#nowMs = endMs
  }
}
