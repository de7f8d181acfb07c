import { watch } from "node:fs"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { broadcastDevReady, createRequestHandler, type ServerBuild } from "@remix-run/node"
import type { Log } from "../log.ts"
import type { PagesHandler } from "./environment.ts"

/** The pages as `remix build` made them. In development they are loaded again whenever `remix dev` rebuilt them. */
export async function loadPages(options: {
  buildDir: string
  development: boolean
  log: Log
}): Promise<{ handle: PagesHandler; ready: () => void; close: () => void }> {
  const file = join(options.buildDir, "index.js")
  const load = async (version: string) =>
    (await import(`${pathToFileURL(file).href}?v=${version}`)) as ServerBuild
  if (!(await stat(file).catch(() => null)))
    throw new Error(`The pages are not built: ${file} is missing. Run \`npm run build\` first.`)
  let build = await load("0")
  const mode = options.development ? "development" : "production"
  let handler = createRequestHandler(build, mode)
  const handle: PagesHandler = (request, loadContext) => handler(request, { ...loadContext })
  if (!options.development) return { handle, ready: () => {}, close: () => {} }

  const announce = () => void broadcastDevReady(build)
  const watcher = watch(join(options.buildDir, "version.txt"), async () => {
    try {
      build = await load(String(Date.now()))
      handler = createRequestHandler(build, mode)
      announce()
    } catch (error) {
      options.log.error({ err: error }, "the rebuilt pages could not be loaded")
    }
  })
  return { handle, ready: announce, close: () => watcher.close() }
}
