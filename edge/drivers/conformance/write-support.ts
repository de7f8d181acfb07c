import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { SUPPORT } from "#server/contract/support-matrix.ts"
import { capturedDevices, capturesAreHere, manifestOf } from "../test/captures.ts"
import { supportMatrix } from "./support.ts"

/** `npm run support`: writes the support matrix anew. Without the recorded machines, what was known of them stays. */
const devices = capturedDevices().map((device) => ({ device, family: manifestOf(device).family }))
const rows = await supportMatrix((family) =>
  capturesAreHere
    ? devices.filter((each) => each.family === family).map(({ device }) => device)
    : (SUPPORT.find((row) => row.family === family)?.recorded ?? []),
)
const file = fileURLToPath(new URL("../../../server/contract/support-matrix.ts", import.meta.url))
writeFileSync(
  file,
  `import type { FamilySupport } from "./support.ts"\n\n/** Written by \`npm run support\` from the drivers; a test holds it against them. */\nexport const SUPPORT: readonly FamilySupport[] = ${JSON.stringify(rows)}\n`,
)
execFileSync("npx", ["biome", "format", "--write", file], { stdio: "inherit" })
process.exit(0)
