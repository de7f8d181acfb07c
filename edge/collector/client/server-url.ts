import { isIP } from "node:net"
import { StartupError } from "../state/cache-dir.ts"

/** https anywhere, plain http to this machine only: the key travels in a header. Throws `StartupError`. */
export function checkServerUrl(value: string): URL {
  const url = new URL(value)
  if (url.protocol === "https:") return url
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const loopback = host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))
  if (!loopback)
    throw new StartupError(
      `LAMPROOM_SERVER_URL is ${url.origin}: plain http is refused except to this machine itself. Use https.`,
    )
  return url
}
