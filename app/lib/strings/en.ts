import { account } from "./en/account.ts"
import { approvals } from "./en/approvals.ts"
import { audit } from "./en/audit.ts"
import { backups } from "./en/backups.ts"
import { collectors } from "./en/collectors.ts"
import { command } from "./en/command.ts"
import { commands } from "./en/commands.ts"
import { common } from "./en/common.ts"
import { discovery } from "./en/discovery.ts"
import { firmware } from "./en/firmware.ts"
import { logins } from "./en/logins.ts"
import { miner } from "./en/miner.ts"
import { miners } from "./en/miners.ts"
import { overview } from "./en/overview.ts"
import { pause } from "./en/pause.ts"
import { people } from "./en/people.ts"
import { request } from "./en/request.ts"
import { shell } from "./en/shell.ts"
import { sites } from "./en/sites.ts"
import { status } from "./en/status.ts"
import { support } from "./en/support.ts"
import { templates } from "./en/templates.ts"
import { thermal } from "./en/thermal.ts"

/** Every word the pages say, one file an area. Keys are paths: `shell.nav.miners`. */
export const en = {
  common,
  shell,
  account,
  overview,
  miners,
  miner,
  command,
  request,
  approvals,
  templates,
  thermal,
  sites,
  logins,
  collectors,
  discovery,
  status,
  commands,
  backups,
  firmware,
  support,
  people,
  pause,
  audit,
} as const
