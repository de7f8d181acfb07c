import type { Level, Permission } from "#server/contract/permissions.ts"
import type { Outcome } from "./ask.ts"
import { VISITOR, type Who } from "./company.ts"

/**
 * Every form that the pages send, with the right it needs at the site of what it names. Who has the right must be let
 * through and leave a trace in the database; everybody else is refused and leaves none.
 */
export type ActionRow = {
  route: string
  /** The form's `intent`, where the action tells several by it. */
  intent?: string
  does: string
  post: string
  fields?: Record<string, string>
  /** What a file field carries; the form is then sent as one with files. */
  file?: { field: string; name: string; text: string }
  needs: readonly [Permission, Level] | "admin" | "session" | "public"
  /** It names a machine or a command: another client's is NOT_FOUND for the client. */
  hasOwner?: boolean
  /** It names something of a site: site B's is NOT_FOUND for everybody but the admin. */
  hasSite?: boolean
  /** Other than the level says. */
  but?: Partial<Record<Who, "allowed" | "refused">>
  /** What those get who are let through; default: 200 or an address of ours. */
  answer?: Outcome
  /** Nothing is stored. */
  traceless?: boolean
  /** It ends the session that sends it. */
  ownSession?: boolean
}

const PASSWORD = { newPassword: "quite a long new word", repeatPassword: "quite a long new word" }
const SETTINGS = {
  name: "{name}",
  slug: "{slug}",
  timezone: "UTC",
  contact: "{newName}",
  pollIntervalS: "60",
  chipWarningC: "85",
  chipCriticalC: "95",
  boardWarningC: "70",
  boardCriticalC: "80",
  approvalBatchThreshold: "1",
  clientCommandsAllowed: "on",
  wavePercent: "10",
  wavePauseS: "60",
  waveFailPercent: "10",
  waveHashPercent: "80",
  commandTtlMinutes: "30",
  commandCap: "32",
  historyDays: "30",
  statusShowHashrate: "on",
}
const request = (action: string, ids: string) => ({ action, ids, requestId: "{requestId}" })

const THERMAL_POLICY = {
  warning_c: "80",
  critical_c: "90",
  resume_c: "70",
  "use.eco": "on",
  "use.sleep": "on",
  "place.fan_up": "1",
  "place.eco": "2",
  "place.sleep": "3",
  "place.off": "4",
  "cool_down_s.fan_up": "60",
  "cool_down_s.eco": "60",
  "cool_down_s.sleep": "60",
  "cool_down_s.off": "60",
  max_actions_per_minute: "{newPace}",
}
const THERMAL = ["THERMAL_MANAGE", "FULL"] as const
const EDIT_PLACE = ["MINER_EDIT", "OWN"] as const
const EDIT = ["MINER_EDIT", "FULL"] as const
const REQUEST = ["REMOTE_CONTROL_REQUEST", "OWN"] as const
const REQUEST_ALL = ["REMOTE_CONTROL_REQUEST", "FULL"] as const
const EXECUTE = ["REMOTE_CONTROL_EXECUTE", "FULL"] as const
const USERS = ["USER_MANAGE", "FULL"] as const
const COLLECTORS = ["COLLECTOR_MANAGE", "FULL"] as const

const both = { hasOwner: true, hasSite: true } as const
const site = { hasSite: true } as const

export const ACTION_ROWS: ActionRow[] = [
  // biome-ignore format: a table is read by its columns
  ...([
    { route: "_app.miners.$id", does: "place", post: "/miners/{miner}", fields: { place: "{newName}" }, needs: EDIT_PLACE, ...both },
    { route: "_app.miners.$id", does: "place and label", post: "/miners/{newMiner}", fields: { place: "x", label: "{newName}" }, needs: EDIT, ...site },
    { route: "_app.miners.$id", does: "tags and notes", post: "/miners/{newMiner}", fields: { tags: "a, b", notes: "{newName}" }, needs: EDIT, ...site },
    { route: "_app.miners.$id", does: "retire", post: "/miners/{newMiner}", fields: { state: "retired" }, needs: EDIT, ...site },
    { route: "_app.miners.$id", does: "owner", post: "/miners/{newMiner}", fields: { owner: "{client}" }, needs: EDIT, ...site },
    { route: "_app.miners.$id", does: "end owner", post: "/miners/{newOwnedMiner}", fields: { owner: "none" }, needs: EDIT, ...site },
    { route: "_app.miners.$id", does: "owner of site B", post: "/miners/{newMiner}", fields: { owner: "{newForeignClient}" }, needs: "admin" },

    { route: "_app.miners._index", does: "place of many", post: "/miners", fields: { ids: "{miner}", place: "{newName}" }, needs: EDIT_PLACE, ...both },
    { route: "_app.miners._index", does: "place of a filter", post: "/miners", fields: { filter: "site={slug}", place: "{newName}" }, needs: EDIT_PLACE, ...site },
    { route: "_app.miners._index", does: "tags of many", post: "/miners", fields: { ids: "{newMiner}", addTags: "a" }, needs: EDIT, ...site },
    { route: "_app.miners._index", does: "retire many", post: "/miners", fields: { ids: "{newMiner}", state: "retired" }, needs: EDIT, ...site },
    { route: "_app.miners._index", does: "owner of many", post: "/miners", fields: { ids: "{newMiner}", owner: "{client}" }, needs: EDIT, ...site },
    { route: "_app.miners._index", does: "place here and at site B", post: "/miners", fields: { ids: "{miner},{foreignMiner}", place: "{newName}" }, needs: "admin" },
    { route: "_app.miners.new", does: "add", post: "/miners/new", fields: { siteId: "{site}", minerId: "{newName}" }, needs: EDIT, ...site },

    { route: "_app.commands.new", does: "LED", post: "/commands/new", fields: request("LED:on", "{miner}"), needs: REQUEST, ...both },
    { route: "_app.commands.new", does: "soft reboot", post: "/commands/new", fields: request("REBOOT:soft", "{miner}"), needs: REQUEST, ...both },
    { route: "_app.commands.new", does: "hard reboot", post: "/commands/new", fields: request("REBOOT:hard", "{miner}"), needs: REQUEST, but: { client: "refused" }, ...both },
    { route: "_app.commands.new", does: "LED here and at site B", post: "/commands/new", fields: request("LED:on", "{miner},{foreignMiner}"), needs: "admin" },

    ...(["_app.commands.$id", "_app.approvals"] as const).flatMap((route) => {
      const post = route === "_app.approvals" ? "/approvals" : "/commands/{newWaiting}"
      const id: Record<string, string> = route === "_app.approvals" ? { commandId: "{newWaiting}" } : {}
      const seen = { ...id, fingerprint: "{fingerprint}" }
      const halted: Record<string, string> = route === "_app.approvals" ? { commandId: "{newHalted}" } : {}
      return [
        { route, intent: "approve", does: "approve", post, fields: seen, needs: EXECUTE, ...both },
        { route, intent: "deny", does: "deny", post, fields: { ...id, reason: "no" }, needs: EXECUTE, ...both },
        // The operator asked for it himself.
        { route, intent: "cancel", does: "cancel", post, fields: id, needs: EXECUTE, but: { operator: "allowed" as const }, ...both },
        {
          route,
          intent: "resume",
          does: "let a halted command go on",
          post: post.replace("{newWaiting}", "{newHalted}"),
          fields: halted,
          needs: EXECUTE,
          ...both,
        },
      ]
    }),

    { route: "_app.sites.$slug_.logins", intent: "set", does: "give a login", post: "/sites/{slug}/logins", fields: { for: "site", username: "root", password: "a word of machines" }, needs: COLLECTORS, ...site },
    { route: "_app.sites.$slug_.logins", intent: "set", does: "give a machine's login", post: "/sites/{slug}/logins", fields: { for: "miner:{miner}", username: "root", password: "a word of machines" }, needs: COLLECTORS, ...site },
    { route: "_app.sites.$slug_.logins", intent: "remove", does: "remove a login", post: "/sites/{slug}/logins", fields: { id: "{newLogin}" }, needs: COLLECTORS, ...site },
    { route: "_app.sites.$slug_.logins", intent: "retry", does: "try refused logins again", post: "/sites/{slug}/logins", fields: { minerId: "{newRefusing}" }, needs: COLLECTORS, ...site },

    { route: "_app.templates.new", does: "make a template", post: "/templates/new", fields: { type: "LED", state: "on", siteId: "{site}", templateName: "{newName}" }, needs: REQUEST_ALL, ...site },
    { route: "_app.templates.$id", intent: "save", does: "change a template", post: "/templates/{newTemplate}", fields: { type: "LED", state: "off", templateName: "{newName}" }, needs: REQUEST_ALL, ...site },
    { route: "_app.templates.$id", intent: "delete", does: "delete a template", post: "/templates/{newTemplate}", needs: REQUEST_ALL, ...site },

    { route: "_app.backups.$id", intent: "validate", does: "check a backup", post: "/backups/{newBackup}", needs: REQUEST_ALL, ...both },
    { route: "_app.backups.$id", intent: "rename", does: "rename a backup", post: "/backups/{newBackup}", fields: { name: "{newName}" }, needs: REQUEST_ALL, ...both },
    { route: "_app.backups.$id", intent: "delete", does: "delete a backup", post: "/backups/{newBackup}", needs: REQUEST_ALL, ...both },
    { route: "_app.backups.$id", intent: "compare-now", does: "ask for a backup to compare with", post: "/backups/{backup}", fields: { requestId: "{requestId}" }, needs: REQUEST_ALL, ...both },
    { route: "_app.settings.firmware._index", does: "delete firmware", post: "/settings/firmware", fields: { artifactId: "{newArtifact}" }, needs: "admin" },
    { route: "_app.settings.firmware.new", does: "upload firmware", post: "/settings/firmware/new", fields: { version: "1", families: "antminer-stock" }, file: { field: "file", name: "walk.bin", text: "{newName}" }, needs: "admin" },

    { route: "_app.settings.clients.$id", intent: "assign", does: "assign", post: "/settings/clients/{newClient}", fields: { ids: "{newMiner}" }, needs: EDIT, ...site },
    { route: "_app.settings.clients.$id", intent: "assign", does: "assign a machine of site B", post: "/settings/clients/{newClient}", fields: { ids: "{foreignMiner}" }, needs: "admin" },
    { route: "_app.settings.clients.$id", intent: "end", does: "end ownership", post: "/settings/clients/{client}", fields: { siteId: "{site}", ownershipId: "{newOwnership}" }, needs: EDIT, ...site },
    { route: "_app.settings.users.new", does: "create", post: "/settings/users/new", fields: { name: "Made", email: "{newName}@invited.test", account: "staff", "role:{site}": "technician" }, needs: USERS, ...site },
    { route: "_app.settings.users.new", does: "create an admin", post: "/settings/users/new", fields: { name: "Made", email: "{newName}@invited.test", account: "staff", globalRole: "admin" }, needs: "admin" },
    { route: "_app.settings.users.$id", intent: "save", does: "name", post: "/settings/users/{newStaff}", fields: { name: "{newName}" }, needs: USERS, ...site },
    { route: "_app.settings.users.$id", intent: "save", does: "make an admin", post: "/settings/users/{newStaff}", fields: { globalRole: "admin" }, needs: "admin" },
    { route: "_app.settings.users.$id", intent: "save", does: "role at site B", post: "/settings/users/{newStaff}", fields: { roles: "1", "role:{foreignSite}": "technician" }, needs: "admin" },
    { route: "_app.settings.users.$id", intent: "disable", does: "disable", post: "/settings/users/{newStaff}", needs: USERS, ...site },
    { route: "_app.settings.users.$id", intent: "enable", does: "enable", post: "/settings/users/{newDisabled}", needs: USERS, ...site },
    { route: "_app.settings.users.$id", intent: "link", does: "link", post: "/settings/users/{newStaff}", needs: USERS, ...site },

    { route: "_app.sites.$slug_.thermal", intent: "save", does: "thermal policy", post: "/sites/{slug}/thermal", fields: THERMAL_POLICY, needs: THERMAL, ...site },
    { route: "_app.sites.$slug_.thermal", intent: "arm", does: "arm the thermal guard", post: "/sites/{slug}/thermal", fields: { made: "{guardUnarmed}" }, needs: THERMAL, ...site },
    { route: "_app.sites.$slug_.thermal", intent: "disarm", does: "disarm the thermal guard", post: "/sites/{slug}/thermal", fields: { made: "{guardArmed}" }, needs: THERMAL, ...site },
    { route: "_app.sites.$slug_.thermal", intent: "check", does: "check by the thermal policy", post: "/sites/{slug}/thermal", needs: ["THERMAL_MANAGE", "READ"], traceless: true, ...site },

    { route: "_app.collectors.new", does: "enroll", post: "/collectors/new", fields: { siteId: "{site}", deviceName: "{newName}", targets: "10.7.0.0/24" }, needs: COLLECTORS, ...site },
    { route: "_app.collectors.$id", intent: "add-target", does: "add target", post: "/collectors/{collector}", fields: { value: "{newAddress}" }, needs: COLLECTORS, ...site },
    { route: "_app.collectors.$id", intent: "set-target", does: "switch target", post: "/collectors/{collector}", fields: { targetId: "{newTarget}", enabled: "no" }, needs: COLLECTORS, ...site },
    { route: "_app.collectors.$id", intent: "set-target", does: "switch target of site B", post: "/collectors/{collector}", fields: { targetId: "{foreignTarget}", enabled: "no" }, needs: COLLECTORS, answer: 404, traceless: true },
    { route: "_app.collectors.$id", intent: "remove-target", does: "remove target", post: "/collectors/{collector}", fields: { targetId: "{newTarget}" }, needs: COLLECTORS, ...site },
    { route: "_app.collectors.$id", intent: "remove-target", does: "remove target of site B", post: "/collectors/{collector}", fields: { targetId: "{foreignTarget}" }, needs: COLLECTORS, answer: 404, traceless: true },
    { route: "_app.collectors.$id", intent: "pause-commands", does: "stop commands", post: "/collectors/{collector}", fields: { reason: "{commandsRun}" }, needs: COLLECTORS, ...site },
    { route: "_app.collectors.$id", intent: "resume-commands", does: "let commands run", post: "/collectors/{collector}", fields: { note: "{commandsStopped}" }, needs: COLLECTORS, ...site },
    { route: "_app.collectors.$id", intent: "revoke", does: "revoke", post: "/collectors/{newCollector}", needs: COLLECTORS, ...site },
    { route: "_app.collectors.$id", intent: "rekey", does: "new key", post: "/collectors/{newCollector}", needs: COLLECTORS, ...site },

    { route: "_app.discovery.new", does: "look for machines", post: "/discovery/new", fields: { deviceId: "{newCollector}", targets: "10.9.0.0/24", requestId: "{requestId}", repeat: "once" }, needs: COLLECTORS, ...site },
    { route: "_app.discovery.new", does: "schedule", post: "/discovery/new", fields: { deviceId: "{collector}", targets: "10.9.0.0/24", repeat: "hours", everyHours: "6" }, needs: COLLECTORS, ...site },
    { route: "_app.discovery.scans.$id", does: "cancel a scan", post: "/discovery/scans/{newScan}", needs: COLLECTORS, ...site },
    { route: "_app.discovery._index", intent: "accept", does: "accept", post: "/discovery", fields: { ids: "{newDiscovered}" }, needs: COLLECTORS, ...site },
    { route: "_app.discovery._index", intent: "accept", does: "accept a filter", post: "/discovery", fields: { filter: "site={slug}&q={newDiscoveredAddress}" }, needs: COLLECTORS, ...site },
    { route: "_app.discovery._index", intent: "accept", does: "accept here and at site B", post: "/discovery", fields: { ids: "{newDiscovered},{foreignDiscovered}" }, needs: "admin" },
    { route: "_app.discovery._index", intent: "ignore", does: "ignore", post: "/discovery", fields: { ids: "{newDiscovered}" }, needs: COLLECTORS, ...site },
    { route: "_app.discovery._index", intent: "unignore", does: "bring back", post: "/discovery", fields: { ids: "{newIgnored}" }, needs: COLLECTORS, ...site },
    { route: "_app.discovery._index", intent: "undo", does: "take a decision back", post: "/discovery", fields: { decisionId: "{newDecision}" }, needs: COLLECTORS, ...site },
    { route: "_app.discovery._index", intent: "set-schedule", does: "switch a schedule", post: "/discovery", fields: { scheduleId: "{newSchedule}", enabled: "no" }, needs: COLLECTORS, ...site },
    { route: "_app.discovery._index", intent: "delete-schedule", does: "delete a schedule", post: "/discovery", fields: { scheduleId: "{newSchedule}" }, needs: COLLECTORS, ...site },

    { route: "_app.sites.new", does: "create", post: "/sites/new", fields: { name: "{newName}", slug: "{newName}", timezone: "UTC" }, needs: "admin" },
    { route: "_app.sites.$slug_.settings", intent: "save", does: "settings", post: "/sites/{slug}/settings", fields: SETTINGS, needs: ["SITE_MANAGE", "FULL"], ...site },
    { route: "_app.sites.$slug_.settings", intent: "pause-commands", does: "stop commands", post: "/sites/{slug}/settings", fields: { reason: "{commandsRun}" }, needs: ["SITE_MANAGE", "FULL"], ...site },
    { route: "_app.sites.$slug_.settings", intent: "resume-commands", does: "let commands run", post: "/sites/{slug}/settings", fields: { note: "{commandsStopped}" }, needs: ["SITE_MANAGE", "FULL"], ...site },

    { route: "_app.account", does: "password, with a wrong one", post: "/account", fields: { currentPassword: "wrong", ...PASSWORD }, needs: "session", answer: 422 },
    { route: "login", does: "log in", post: "/login", fields: VISITOR, needs: "public" },
    { route: "logout", does: "log out", post: "/logout", needs: "public", answer: "login", ownSession: true },
    { route: "theme", does: "theme", post: "/theme", fields: { theme: "dark" }, needs: "public", traceless: true },
    { route: "welcome.$token", does: "set password", post: "/welcome/{newLink}", fields: PASSWORD, needs: "public" },
    { route: "welcome.$token", does: "set password with no link", post: "/welcome/0123456789012345678901234567890123456789012", fields: PASSWORD, needs: "public", answer: 404, traceless: true },
  ] satisfies ActionRow[]),
]
