import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"

/** The product's metrics, one registry a process. Names are the contract's. */
export const registry = new Registry()
collectDefaultMetrics({ register: registry })

const registers = [registry]
const latencyBucketsMs = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]

export const collectorUploadTotal = new Counter({
  name: "collector_upload_total",
  help: "Telemetry batches by site and outcome (stored, duplicate, refused).",
  labelNames: ["site", "outcome"],
  registers,
})
export const collectorUploadLatencyMs = new Histogram({
  name: "collector_upload_latency_ms",
  help: "From the first byte of a batch to its commit, milliseconds.",
  labelNames: ["site"],
  buckets: latencyBucketsMs,
  registers,
})
export const minerPollLatencyMs = new Histogram({
  name: "miner_poll_latency_ms",
  help: "One full reading of a miner, milliseconds.",
  labelNames: ["family"],
  buckets: latencyBucketsMs,
  registers,
})
export const minerPollErrorsTotal = new Counter({
  name: "miner_poll_errors_total",
  help: "Readings that failed, by fault.",
  labelNames: ["type"],
  registers,
})
export const commandExecutionTotal = new Counter({
  name: "command_execution_total",
  help: "Results of commands on miners, by type and status.",
  labelNames: ["type", "status"],
  registers,
})
export const gatewayRefusedTotal = new Counter({
  name: "gateway_refused_total",
  help: "Requests that the edge gateway refused, by error code.",
  labelNames: ["code"],
  registers,
})
export const httpRequestMs = new Histogram({
  name: "http_request_ms",
  help: "HTTP requests by kind and status class, milliseconds.",
  labelNames: ["kind", "status"],
  buckets: latencyBucketsMs,
  registers,
})
export const sseClients = new Gauge({ name: "sse_clients", help: "Open live pages.", registers })
export const jobLastSuccess = new Gauge({
  name: "job_last_success_timestamp_seconds",
  help: "When each job last succeeded, Unix time.",
  labelNames: ["job"],
  registers,
})
export const queueDepth = new Gauge({
  name: "queue_depth",
  help: "Jobs waiting, by queue.",
  labelNames: ["queue"],
  registers,
})
export const databaseConnections = new Gauge({
  name: "database_connections",
  help: "Connections of this database by state.",
  labelNames: ["state"],
  registers,
})
export const databaseUp = new Gauge({ name: "database_up", help: "1 when the database answers.", registers })
