/** Families of miners that this release has a driver of its own for (`edge/drivers/registry.ts`); a test holds both together. */
export const DRIVER_FAMILIES = [
  "antminer-stock",
  "antminer-legacy-web",
  "whatsminer-v2",
  "whatsminer-v3",
  "generic-cgminer",
] as const
export type DriverFamily = (typeof DRIVER_FAMILIES)[number]

export function isDriverFamily(family: string): family is DriverFamily {
  return (DRIVER_FAMILIES as readonly string[]).includes(family)
}
