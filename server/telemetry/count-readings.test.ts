import { expect, it } from "vitest"
import { registry } from "#server/metrics.ts"
import { countReadings } from "./count-readings.ts"

it("counts polls by make and fault, and makes no series of what a collector invents", async () => {
  countReadings([
    { online: true, make: "Antminer", latency_ms: 12, error_message: null },
    { online: true, make: "Made up", latency_ms: 7, error_message: null },
    { online: true, make: null, latency_ms: null, error_message: null },
    { online: false, make: "Antminer", latency_ms: null, error_message: "refused: nothing listens there" },
    { online: false, make: "Antminer", latency_ms: null, error_message: "something else" },
  ])
  const text = await registry.metrics()
  expect(text).toContain('miner_poll_latency_ms_count{family="antminer"} 1')
  expect(text).toContain('miner_poll_latency_ms_sum{family="other"} 7')
  expect(text).toContain('miner_poll_errors_total{type="refused"} 1')
  expect(text).toContain('miner_poll_errors_total{type="unknown"} 1')
  expect(text).not.toContain("Made up")
})
