/**
 * Families of miners that this release has a driver of its own for (`edge/drivers/registry.ts`; a test holds both
 * together), with the names that people know them by.
 */
export const FAMILY_NAMES = {
  "antminer-stock": "Antminer (Bitmain)",
  "antminer-legacy-web": "Antminer (Bitmain, older web)",
  hiveon: "Hiveon",
  mskminer: "MSKMiner",
  "whatsminer-v2": "WhatsMiner API v1 and v2",
  "whatsminer-v3": "WhatsMiner API v3",
  avalon: "Avalon",
  braiins: "Braiins OS",
  vnish: "VNish",
  luxos: "LuxOS",
  epic: "ePIC",
  marathon: "MARA firmware",
  axeos: "AxeOS (Bitaxe)",
  nerdqaxe: "NerdAxe and NerdQAxe",
  auradine: "Auradine Teraflux",
  sealminer: "SealMiner",
  elphapex: "Elphapex",
  hammer: "Hammer",
  volcminer: "VolcMiner",
  goldshell: "Goldshell",
  iceriver: "IceRiver",
  innosilicon: "Innosilicon",
  "proto-rig": "Proto Rig",
  futurebit: "FutureBit Apollo",
  "gpu-trex": "T-Rex",
  "gpu-teamredminer": "TeamRedMiner",
  "gpu-lolminer": "lolMiner",
  "gpu-gminer": "GMiner",
  "gpu-xmrig": "XMRig",
  "gpu-nbminer": "NBMiner",
  "gpu-srbminer": "SRBMiner",
  "gpu-bzminer": "BzMiner",
  "generic-cgminer": "Any cgminer",
} as const
export type DriverFamily = keyof typeof FAMILY_NAMES
export const DRIVER_FAMILIES = Object.keys(FAMILY_NAMES) as [DriverFamily, ...DriverFamily[]]

export function isDriverFamily(family: string): family is DriverFamily {
  return Object.hasOwn(FAMILY_NAMES, family)
}
