/** Runs jobs with at most `limit` at a time, first come, first served; what waits at `clear` never starts. */
export type WorkQueue = {
  add: (job: () => Promise<void>) => void
  clear: () => void
  idle: () => Promise<void>
}

export function createWorkQueue(limit: number, onError: (error: unknown) => void): WorkQueue {
  let waiting: (() => Promise<void>)[] = []
  let head = 0
  let running = 0
  let onIdle: (() => void)[] = []

  const pump = () => {
    while (running < limit && head < waiting.length) {
      const job = waiting[head] as () => Promise<void>
      head += 1
      running += 1
      job()
        .catch(onError)
        .finally(() => {
          running -= 1
          pump()
        })
    }
    if (head > 0 && head === waiting.length) {
      waiting = []
      head = 0
    }
    if (running === 0 && waiting.length === 0) {
      for (const tell of onIdle) tell()
      onIdle = []
    }
  }
  return {
    add: (job) => {
      waiting.push(job)
      pump()
    },
    clear: () => {
      waiting = []
      head = 0
    },
    idle: () =>
      running === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            onIdle.push(resolve)
          }),
  }
}
