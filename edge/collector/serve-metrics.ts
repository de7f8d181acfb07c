import { createServer, type Server } from "node:http"
import { registry } from "#server/metrics.ts"

/** `/healthz` and `/metrics` of the collector on this machine's loopback only. Rejects when the port is taken. */
export function serveMetrics(port: number, health: () => object): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://collector").pathname
    if (path === "/metrics") {
      response.setHeader("content-type", registry.contentType)
      response.end(await registry.metrics())
    } else if (path === "/healthz") {
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify({ ok: true, ...health() }))
    } else {
      response.statusCode = 404
      response.end()
    }
  })
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", () => resolve(server))
  })
}
