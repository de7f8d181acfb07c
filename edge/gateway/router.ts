import { ack } from "./procedures/ack.ts"
import { artifact } from "./procedures/artifact.ts"
import { capabilities } from "./procedures/capabilities.ts"
import { config } from "./procedures/config.ts"
import { discovery } from "./procedures/discovery.ts"
import { enroll } from "./procedures/enroll.ts"
import { event } from "./procedures/event.ts"
import { heartbeat } from "./procedures/heartbeat.ts"
import { logins } from "./procedures/logins.ts"
import { poll } from "./procedures/poll.ts"
import { renew } from "./procedures/renew.ts"
import { thermal } from "./procedures/thermal.ts"
import { upload } from "./procedures/upload.ts"
import { createRouter } from "./trpc.ts"

/** Everything a collector can ask; the collector imports the type alone. */
export const gateway = createRouter({
  edge: createRouter({
    enroll,
    heartbeat,
    config,
    event,
    capabilities,
    artifact,
    logins,
    thermal,
    discovery,
  }),
  telemetry: createRouter({ upload }),
  commands: createRouter({ poll, ack, renew }),
})
export type Gateway = typeof gateway
