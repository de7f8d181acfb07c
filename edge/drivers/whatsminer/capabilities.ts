import type { CommandFeature } from "#server/contract/commands.ts"
import { fault } from "#server/contract/driver-faults.ts"
import type { Capabilities, Identity } from "../driver.ts"
import { FAMILY_V3 } from "./identify.ts"

const WRITES = "writes go through its encrypted API, which this release does not speak"

/** What no WhatsMiner could do through that API either; everything else waits for it. */
const NEVER: Partial<Record<CommandFeature, string>> = {
  BACKUP_CONFIG: "it does not tell the passwords of its pools, so no backup could be restored",
  "THERMAL_POLICY.manual": "it controls its fans by itself; only immersion can be told to it",
}

/** Reads only, whatever the model. */
export function refuse({ family, model, firmwareVersion }: Identity, feature: CommandFeature) {
  const api = family === FAMILY_V3 ? "API v3" : "API v2 or older"
  const name = `WhatsMiner${model === null ? "" : ` ${model}`} (${firmwareVersion ?? "firmware not told"}, ${api})`
  return fault("unsupported", `${name}: ${NEVER[feature] ?? WRITES}.`)
}

export function capabilities(identity: Identity): Capabilities {
  return { can: (feature) => refuse(identity, feature) }
}
