import { fileURLToPath } from "node:url"
import { build, type Metafile, type Plugin } from "esbuild"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/**
 * `node:sqlite` as a lookup instead of an import: an older Node would fail to link the file before its first line
 * could say what is wrong.
 */
const sqliteByLookup: Plugin = {
  name: "sqlite-by-lookup",
  setup(bundle) {
    bundle.onResolve({ filter: /^node:sqlite$/ }, () => ({ path: "node:sqlite", namespace: "lookup" }))
    bundle.onLoad({ filter: /.*/, namespace: "lookup" }, () => ({
      contents: `export const { DatabaseSync } = process.getBuiltinModule("node:sqlite")`,
    }))
  },
}

/** zod brings its messages in forty languages; the collector speaks one, and each would cost memory on small machines. */
const oneLanguage: Plugin = {
  name: "one-language",
  setup(bundle) {
    bundle.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: `export { default as en } from "./en.js"`,
    }))
  },
}

const BANNER = `#!/usr/bin/env node
import { createRequire as lamproomCreateRequire } from "node:module";
import lamproomV8 from "node:v8";
if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error("The Lamproom collector needs Node 24 or newer; this is Node " + process.versions.node + ".");
  process.exit(1);
}
lamproomV8.setFlagsFromString("--max-semi-space-size=2");
lamproomV8.setFlagsFromString("--semi-space-growth-factor=1");
const require = lamproomCreateRequire(import.meta.url);`

/** Writes the collector as one ES module that needs nothing but Node 24 beside it. Returns what went into it. */
export async function buildCollector(outFile: string): Promise<Metafile> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ["edge/collector/main.ts"],
    outfile: outFile,
    bundle: true,
    platform: "node",
    format: "esm",
    // Syntax that an older Node can read far enough to be told to go.
    target: "node18",
    supported: { "top-level-await": true },
    banner: { js: BANNER },
    plugins: [sqliteByLookup, oneLanguage],
    legalComments: "inline",
    metafile: true,
    // `lean-heap.ts` is such an import; its two lines stand in the banner, before everything else.
    logOverride: { "ignored-bare-import": "silent" },
    logLevel: "warning",
  })
  return result.metafile
}
