import type { BenchResult } from "./bench.ts"
import { benchCommandLatency } from "./command-latency.ts"
import { benchCommandsPage } from "./commands-page.ts"
import { benchDispatch } from "./dispatch.ts"
import { benchIngest } from "./ingest.ts"
import { benchPages } from "./pages.ts"
import { benchParse } from "./parse.ts"
import { benchPoll } from "./poll.ts"
import { benchScan } from "./scan.ts"
import { benchStart } from "./start.ts"

/** Every benchmark by its name. */
export const BENCHMARKS: Record<string, () => Promise<BenchResult>> = {
  ingest: benchIngest,
  pages: benchPages,
  "command-latency": benchCommandLatency,
  dispatch: benchDispatch,
  "commands-page": benchCommandsPage,
  parse: benchParse,
  poll: benchPoll,
  scan: benchScan,
  start: benchStart,
}
