import type { MinerConfiguration } from "#server/contract/edge.ts"
import { text } from "./transport/coerce.ts"
import type { Row } from "./transport/reply.ts"

/** `get_network_info.cgi`: the settings, `conf_…`, and where these are empty (DHCP leaves them so) the values in use. */
export function cgiNetwork(info: Row): MinerConfiguration["network"] {
  const setting = (name: string, max: number) => text(info[`conf_${name}`], max) ?? text(info[name], max)
  const type = setting("nettype", 16)
  return {
    dhcp: type === null ? null : /^dhcp$/i.test(type),
    hostname: setting("hostname", 255),
    ip_address: setting("ipaddress", 64),
    netmask: setting("netmask", 64),
    gateway: setting("gateway", 64),
    dns: (setting("dnsservers", 1024) ?? "")
      .split(/[\s,;]+/)
      .filter(Boolean)
      .slice(0, 8)
      .map((server) => server.slice(0, 255)),
  }
}
