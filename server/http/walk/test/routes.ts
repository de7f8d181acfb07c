import type { Who } from "./company.ts"

/**
 * An address for each route of the catalogue. What is expected follows from `ROUTES` and the permission table; a row
 * says only what those cannot: other answers than 200 and 403, and people who see less than their level says.
 */
export type RouteRow = {
  /** A thing of his own: of site A, of the client's machine. */
  own: string
  /** The address names a machine or a command: another client's is NOT_FOUND for the client. */
  hasOwner?: boolean
  /** The address names a site or something of it: site B's is NOT_FOUND for everybody but the admin. */
  hasSite?: boolean
  /** Where the page leads, or the status it has, for those who may see it; default 200. */
  allowed?: number | `to ${string}`
  /** 404: who may not see the list does not learn that the thing exists; default 403. */
  refused?: 403 | 404
  /** What a foreign thing answers; default 404. */
  hidden?: 200
  /** Less than the level says. */
  but?: Partial<Record<Who, number | `to ${string}`>>
  /** It is no page: asked for as data only, as our own pages do. */
  resource?: boolean
  /** It is no page but a file, without the frame around it. */
  file?: boolean
}

export const ROUTE_ROWS: Record<string, RouteRow> = {
  _app: { own: "/" },
  "_app.$": { own: "/no/such/page", allowed: 404 },
  "_app._index": { own: "/" },
  "_app.account": { own: "/account" },
  "_app.docs.miners": { own: "/docs/miners" },
  // Who may see his own commands alone sees no backups.
  "_app.backups._index": { own: "/backups", but: { technician: 403 } },
  "_app.backups.$id": { own: "/backups/{backup}", hasOwner: true, hasSite: true, but: { technician: 403 } },
  "_app.backups.$id_.download": {
    own: "/backups/{backup}/download",
    hasOwner: true,
    hasSite: true,
    but: { technician: 403 },
    file: true,
  },
  "_app.commands.new": { own: "/commands/new?action=LED:on&ids={miner}", hasOwner: true, hasSite: true },
  "_app.miner-names": {
    own: "/miner-names?id={miner}&count=1&asked=1",
    hasOwner: true,
    hasSite: true,
    hidden: 200,
    resource: true,
  },
  "_app.miners.$id": { own: "/miners/{miner}", hasOwner: true, hasSite: true },
  "_app.miners.new": { own: "/miners/new" },
  "_app.miners._index": { own: "/miners?site={slug}", hasSite: true },
  "_app.approvals": { own: "/approvals" },
  "_app.audit": { own: "/audit" },
  "_app.audit[.]csv": { own: "/audit.csv", file: true },
  "_app.commands._index": { own: "/commands" },
  // A technician sees the commands that he asked for himself.
  "_app.commands.$id": {
    own: "/commands/{command}",
    hasOwner: true,
    hasSite: true,
    but: { technician: 404 },
  },
  "_app.commands.$id_.results[.]csv": {
    own: "/commands/{command}/results.csv",
    hasOwner: true,
    hasSite: true,
    but: { technician: 404 },
    file: true,
  },
  "_app.dashboard.remote": { own: "/dashboard/remote", allowed: "to /commands" },
  "_app.settings.clients._index": { own: "/settings/clients" },
  "_app.settings.clients.$id": { own: "/settings/clients/{client}", hasSite: true },
  "_app.settings.firmware._index": { own: "/settings/firmware" },
  "_app.settings.firmware.new": { own: "/settings/firmware/new" },
  "_app.settings.users._index": { own: "/settings/users" },
  "_app.settings.users.$id": { own: "/settings/users/{newStaff}", hasSite: true },
  "_app.settings.users.new": { own: "/settings/users/new" },
  "_app.collectors._index": { own: "/collectors" },
  "_app.collectors.$id": { own: "/collectors/{collector}", hasSite: true, refused: 404 },
  "_app.collectors.new": { own: "/collectors/new" },
  "_app.discovery._index": { own: "/discovery?site={slug}&state=all", hasSite: true },
  "_app.discovery.new": { own: "/discovery/new" },
  "_app.discovery.scans.$id": { own: "/discovery/scans/{scan}", hasSite: true },
  "_app.hosting.site.$id.dashboard": {
    own: "/hosting/site/{site}/dashboard",
    hasSite: true,
    allowed: "to /sites/{slug}",
  },
  "_app.sites._index": { own: "/sites" },
  "_app.sites.$slug": { own: "/sites/{slug}", hasSite: true },
  "_app.sites.$slug_.settings": { own: "/sites/{slug}/settings", hasSite: true },
  "_app.sites.$slug_.thermal": { own: "/sites/{slug}/thermal", hasSite: true },
  "_app.sites.$slug_.logins": { own: "/sites/{slug}/logins", hasSite: true },
  "_app.sites.new": { own: "/sites/new" },
  // Templates are a site's people's.
  "_app.templates._index": { own: "/templates", but: { client: 403 } },
  "_app.templates.$id": { own: "/templates/{template}", hasSite: true, but: { client: 403 } },
  "_app.templates.new": { own: "/templates/new" },
  "hosting.miners": { own: "/hosting/miners?q=x", allowed: "to /miners?q=x" },
  "hosting.sites": { own: "/hosting/sites", allowed: "to /sites" },
  "hosting.status.$slug": { own: "/hosting/status/alpha" },
  "status.$slug": { own: "/status/alpha" },
  login: { own: "/login", allowed: "to /", but: { anonymous: 200 } },
  logout: { own: "/logout", allowed: "to /" },
  theme: { own: "/theme", allowed: "to /account" },
  "welcome.$token": { own: "/welcome/{newLink}" },
}
