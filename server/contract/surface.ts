import type { Level, Permission } from "./permissions.ts"

/**
 * Everything that answers, and who may ask: each page and action, each gateway procedure. Verbs enforce it; a test
 * holds the lists against the code, and another walks them with every role.
 */
export type Access =
  /** Anyone, logged in or not. */
  | { access: "public" }
  /** Anyone who is logged in; what he sees is narrowed by his scope. */
  | { access: "session" }
  /** Needs the permission at `need` at some site (or the one in the address). */
  | { access: "permission"; permission: Permission; need: Level }
  /** Global admins only. */
  | { access: "admin" }

const open: Access = { access: "public" }
const session: Access = { access: "session" }
const admin: Access = { access: "admin" }
const needs = (permission: Permission, need: Level): Access => ({ access: "permission", permission, need })

/** By route file under `app/routes`. */
export const ROUTES: Record<string, Access> = {
  _app: session,
  "_app.$": session,
  "_app._index": session,
  "_app.account": session,
  "_app.backups._index": needs("REMOTE_CONTROL_AUDIT", "OWN"),
  "_app.backups.$id": needs("REMOTE_CONTROL_AUDIT", "OWN"),
  "_app.backups.$id_.download": needs("REMOTE_CONTROL_AUDIT", "OWN"),
  "_app.commands.new": needs("REMOTE_CONTROL_REQUEST", "OWN"),
  "_app.docs.miners": session,
  "_app.miner-names": session,
  "_app.miners.$id": needs("MINER_VIEW", "OWN"),
  "_app.miners.new": needs("MINER_EDIT", "FULL"),
  "_app.miners._index": needs("MINER_VIEW", "OWN"),
  "_app.approvals": needs("REMOTE_CONTROL_AUDIT", "OWN"),
  "_app.audit": needs("AUDIT_VIEW", "FULL"),
  "_app.audit[.]csv": needs("AUDIT_VIEW", "FULL"),
  "_app.commands._index": needs("REMOTE_CONTROL_AUDIT", "OWN"),
  "_app.commands.$id": needs("REMOTE_CONTROL_AUDIT", "OWN"),
  "_app.commands.$id_.results[.]csv": needs("REMOTE_CONTROL_AUDIT", "OWN"),
  "_app.dashboard.remote": session,
  "_app.settings.clients._index": needs("MINER_EDIT", "FULL"),
  "_app.settings.clients.$id": needs("MINER_EDIT", "FULL"),
  "_app.settings.firmware._index": needs("REMOTE_CONTROL_REQUEST", "FULL"),
  "_app.settings.firmware.new": admin,
  "_app.settings.users._index": needs("USER_MANAGE", "FULL"),
  "_app.settings.users.$id": needs("USER_MANAGE", "FULL"),
  "_app.settings.users.new": needs("USER_MANAGE", "FULL"),
  "_app.collectors._index": needs("COLLECTOR_MANAGE", "READ"),
  "_app.collectors.$id": needs("COLLECTOR_MANAGE", "READ"),
  "_app.collectors.new": needs("COLLECTOR_MANAGE", "FULL"),
  "_app.discovery._index": needs("COLLECTOR_MANAGE", "READ"),
  "_app.discovery.new": needs("COLLECTOR_MANAGE", "FULL"),
  "_app.discovery.scans.$id": needs("COLLECTOR_MANAGE", "READ"),
  "_app.hosting.site.$id.dashboard": needs("SITE_VIEW", "OWN"),
  "_app.sites._index": session,
  "_app.sites.$slug": needs("SITE_VIEW", "OWN"),
  "_app.sites.$slug_.settings": needs("SITE_MANAGE", "READ"),
  "_app.sites.$slug_.thermal": needs("THERMAL_MANAGE", "READ"),
  "_app.sites.$slug_.logins": needs("COLLECTOR_MANAGE", "READ"),
  "_app.sites.new": admin,
  "_app.templates._index": needs("REMOTE_CONTROL_REQUEST", "OWN"),
  "_app.templates.$id": needs("REMOTE_CONTROL_REQUEST", "OWN"),
  "_app.templates.new": needs("REMOTE_CONTROL_REQUEST", "FULL"),
  "hosting.miners": session,
  "hosting.sites": session,
  "hosting.status.$slug": open,
  "status.$slug": open,
  login: open,
  logout: open,
  theme: open,
  "welcome.$token": open,
}

/** By method and address of the REST API. */
export const API: Record<string, Access> = {
  "GET /api/thermal/config": needs("THERMAL_MANAGE", "READ"),
  "PUT /api/thermal/config": needs("THERMAL_MANAGE", "FULL"),
  "POST /api/thermal/check": needs("THERMAL_MANAGE", "READ"),
}

/** By procedure of the edge gateway. `key`: a collector's key of that site. */
export const PROCEDURES: Record<string, "code" | "key"> = {
  "edge.enroll": "code",
  "edge.heartbeat": "key",
  "edge.config": "key",
  "edge.event": "key",
  "edge.capabilities": "key",
  "edge.artifact": "key",
  "edge.discovery": "key",
  "edge.thermal": "key",
  "edge.logins": "key",
  "telemetry.upload": "key",
  "commands.poll": "key",
  "commands.ack": "key",
  "commands.renew": "key",
}
