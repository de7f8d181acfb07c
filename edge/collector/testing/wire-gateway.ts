import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import zlib from "node:zlib"
import type { EnrollInput } from "#server/contract/edge.ts"
import { ERROR_TABLE, type ErrorCode } from "#server/contract/errors.ts"
import { GatewayError } from "../client/gateway-error.ts"
import type { fakeGateway } from "./fakes.ts"

export const WIRE_KEY = `hsc_${"k".repeat(40)}`
export const WIRE_CODE = "ABCD-EFGH-JKMN"

/** The fake gateway behind tRPC's wire format on a loopback port, with key check and enrolment. */
export async function serveWireGateway(gateway: ReturnType<typeof fakeGateway>) {
  const seen = { encodings: new Set<string>(), enrolled: [] as EnrollInput[], keyRevoked: false }
  // biome-ignore lint/suspicious/noExplicitAny: the wire carries whatever the procedure takes
  const procedures: Record<string, (input: any, signal: AbortSignal) => Promise<unknown>> = {
    "edge.enroll": async (input: EnrollInput) => {
      if (input.code !== WIRE_CODE) throw new GatewayError("UNAUTHENTICATED", "This code is not valid.")
      seen.enrolled.push(input)
      return { key: WIRE_KEY, device_id: 1, device_name: "test", site: { id: 1, slug: "test", name: "Test" } }
    },
    "edge.heartbeat": (input) => gateway.api.heartbeat(input),
    "edge.config": (input) => gateway.api.config(input.have_version),
    "edge.event": (input) => gateway.api.event(input),
    "telemetry.upload": (input) => gateway.api.upload(input),
    "commands.poll": (input, signal) => gateway.api.pollCommands(input, signal),
    "commands.ack": (input) => gateway.api.ack(input.results),
    "edge.capabilities": (input) => gateway.api.capabilities(input.profiles),
    "edge.thermal": (input) => gateway.api.thermal(input),
    "edge.logins": (input) => gateway.api.logins(input),
    "edge.artifact": (input) => gateway.api.artifact(input.artifact_id, input.offset),
    "edge.discovery": (input) => gateway.api.discovery(input),
    "commands.renew": (input) => gateway.api.renew(input.leases),
  }
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://gateway")
    const path = url.pathname.replace("/trpc/", "")
    const gone = new AbortController()
    response.on("close", () => gone.abort())
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const encoding = request.headers["content-encoding"]
      if (encoding !== undefined) seen.encodings.add(encoding)
      const raw = Buffer.concat(chunks)
      const body = encoding === "zstd" ? zlib.zstdDecompressSync(raw) : raw
      const input = JSON.parse(
        request.method === "GET" ? (url.searchParams.get("input") ?? "{}") : body.toString("utf8"),
      )
      if (path !== "edge.enroll" && (seen.keyRevoked || request.headers["x-collector-key"] !== WIRE_KEY))
        throw new GatewayError("UNAUTHENTICATED", "This key is not valid.")
      const procedure = procedures[path]
      if (procedure === undefined) throw new GatewayError("NOT_FOUND", path)
      const data = await procedure(input, gone.signal)
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify({ result: { data } }))
    } catch (error) {
      const failure = error as GatewayError
      if (failure.code === "UNREACHABLE") return void request.socket.destroy()
      const row = ERROR_TABLE[failure.code as ErrorCode] ?? ERROR_TABLE.INTERNAL
      response.statusCode = row.http
      if (failure.retryAfterMs !== null)
        response.setHeader("retry-after", String(failure.retryAfterMs / 1000))
      response.setHeader("content-type", "application/json")
      const data = { code: row.trpc, httpStatus: row.http, appCode: failure.code }
      response.end(JSON.stringify({ error: { message: failure.message, code: -32000, data } }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    seen,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
