import { BlockList, isIP } from "node:net"

/**
 * The caller's address. `X-Forwarded-For` is believed only as far as it was written by addresses of
 * `LAMPROOM_TRUSTED_PROXIES` (addresses or CIDR, comma-separated): from the right, the first one that is no proxy.
 */
export function clientAddressReader(
  trustedProxies: string,
): (peer: string | undefined, forwardedFor: string | null) => string | null {
  const proxies = new BlockList()
  for (const entry of trustedProxies
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)) {
    const [network = "", prefix] = entry.split("/")
    const family = familyOf(network)
    if (!family) continue
    if (prefix === undefined) proxies.addAddress(network, family)
    else proxies.addSubnet(network, Number(prefix), family)
  }
  const trusted = (address: string) => {
    const family = familyOf(address)
    return family !== null && proxies.check(address, family)
  }
  return (peer, forwardedFor) => {
    if (!peer) return null
    let address = plain(peer)
    if (!forwardedFor) return address
    const hops = forwardedFor.split(",").map((hop) => plain(hop.trim()))
    while (trusted(address)) {
      const hop = hops.pop()
      if (hop === undefined || !isIP(hop)) break
      address = hop
    }
    return address
  }
}

function familyOf(address: string): "ipv4" | "ipv6" | null {
  const version = isIP(address)
  return version === 0 ? null : version === 4 ? "ipv4" : "ipv6"
}

/** IPv4 inside IPv6 (`::ffff:127.0.0.1`) is the IPv4 address. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
