import "./node-version.ts"
import { resolve } from "node:path"
import { buildApp } from "./build-app.ts"
import { buildCollector } from "./build-collector.ts"

const USAGE = `
npm run build                       builds the pages
npm run build -- collector [FILE]   makes the collector one file that runs with nothing but Node 24 (default build/lamproom-collector.mjs)
`

const [what, file] = process.argv.slice(2)
if (what === "--help" || what === "-h") console.log(USAGE.trim())
else if (what === undefined) {
  buildApp({ force: true })
  console.log("Built the pages into build/ and public/build/.")
} else if (what === "collector") {
  const out = resolve(file ?? "build/lamproom-collector.mjs")
  await buildCollector(out)
  console.log(`Built ${out}. Run it with Node 24: node ${out} --help`)
} else {
  console.error(`Nothing is called ${what}.\n${USAGE}`)
  process.exit(2)
}
