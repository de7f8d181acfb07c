/** Addresses of the simulator's `flat:N@NETWORK.0.0` farms, `count` in all, as many on each network. */
export function floorAddresses(networks: readonly string[], count: number): string[] {
  const each = count / networks.length
  return networks.flatMap((network) =>
    Array.from({ length: each }, (_, at) => `${network}.${Math.floor(at / 250)}.${(at % 250) + 1}`),
  )
}
