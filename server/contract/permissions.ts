/** The permission catalogue of the contract. Levels grow NONE < OWN < READ < FULL; what OWN means stands with each verb. */
export const SITE_ROLES = ["site_manager", "operator", "technician", "auditor"] as const
export type SiteRole = (typeof SITE_ROLES)[number]
/** Everything an account can be at a site. Admins are global; a client is a kind of account, not a membership. */
export const ROLES = ["admin", ...SITE_ROLES, "client"] as const
export type Role = (typeof ROLES)[number]

export const PERMISSIONS = [
  "SITE_VIEW",
  "MINER_VIEW",
  "TELEMETRY_VIEW",
  "REMOTE_CONTROL_REQUEST",
  "REMOTE_CONTROL_EXECUTE",
  "REMOTE_CONTROL_AUDIT",
  "MINER_EDIT",
  "COLLECTOR_MANAGE",
  "SITE_MANAGE",
  "SCHEDULE_MANAGE",
  "ALERT_MANAGE",
  "THERMAL_MANAGE",
  "USER_MANAGE",
  "API_KEY_MANAGE",
  "AUDIT_VIEW",
] as const
export type Permission = (typeof PERMISSIONS)[number]

/** NONE: refused. OWN: only what is his (machines, requests, keys), or a named part. READ: look. FULL: look and change. */
export const LEVELS = ["NONE", "OWN", "READ", "FULL"] as const
export type Level = (typeof LEVELS)[number]

const row = (
  admin: Level,
  site_manager: Level,
  operator: Level,
  technician: Level,
  client: Level,
  auditor: Level,
): Record<Role, Level> => ({ admin, site_manager, operator, technician, client, auditor })

/** `PERMISSION_TABLE[permission][role]`. */
export const PERMISSION_TABLE: Record<Permission, Record<Role, Level>> = {
  SITE_VIEW: row("FULL", "FULL", "FULL", "FULL", "OWN", "READ"),
  MINER_VIEW: row("FULL", "FULL", "FULL", "FULL", "OWN", "READ"),
  TELEMETRY_VIEW: row("FULL", "FULL", "FULL", "FULL", "OWN", "READ"),
  // A technician: LED and REBOOT only. A client: his machines, REBOOT soft and LED, if the site allows it.
  REMOTE_CONTROL_REQUEST: row("FULL", "FULL", "FULL", "OWN", "OWN", "NONE"),
  REMOTE_CONTROL_EXECUTE: row("FULL", "FULL", "NONE", "NONE", "NONE", "NONE"),
  REMOTE_CONTROL_AUDIT: row("FULL", "FULL", "READ", "OWN", "OWN", "READ"),
  // A technician: the place only.
  MINER_EDIT: row("FULL", "FULL", "FULL", "OWN", "NONE", "NONE"),
  COLLECTOR_MANAGE: row("FULL", "FULL", "READ", "NONE", "NONE", "READ"),
  SITE_MANAGE: row("FULL", "FULL", "READ", "NONE", "NONE", "READ"),
  SCHEDULE_MANAGE: row("FULL", "FULL", "READ", "NONE", "NONE", "READ"),
  ALERT_MANAGE: row("FULL", "FULL", "READ", "NONE", "NONE", "READ"),
  THERMAL_MANAGE: row("FULL", "FULL", "READ", "NONE", "NONE", "READ"),
  USER_MANAGE: row("FULL", "FULL", "NONE", "NONE", "NONE", "NONE"),
  API_KEY_MANAGE: row("FULL", "OWN", "OWN", "OWN", "OWN", "OWN"),
  AUDIT_VIEW: row("FULL", "FULL", "NONE", "NONE", "NONE", "FULL"),
}

export function levelAtLeast(have: Level, need: Level): boolean {
  return LEVELS.indexOf(have) >= LEVELS.indexOf(need)
}
