import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"

/** The checkout's root, and its sources as the architecture tests see them. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url))
export const HOUSE = ["app", "server", "edge", "db", "jobs", "e2e"] as const

export type Source = { path: string; text: string; imports: Import[] }
export type Import = {
  specifier: string
  typeOnly: boolean /** Path from the root for own code, else the package's name. */
  target: string
  own: boolean
}

export function listFiles(folder: string, match: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && match.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort()
}

/** Every TypeScript source of the house, tests included. */
export function readSources(): Source[] {
  return HOUSE.flatMap((folder) => listFiles(folder, /\.tsx?$/)).map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8")
    return { path, text, imports: readImports(path, text) }
  })
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /(^|\/)test\//.test(path) || path.startsWith("e2e/")
}

const STATEMENT = /(?:^|\n)\s*(import|export)\s+(type\s+)?([^"'`;]*?\sfrom\s*)?["']([^"'\n]+)["']/g
const DYNAMIC = /\bimport\(\s*["']([^"'\n]+)["']\s*\)/g

export function readImports(path: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "")
  const found: Import[] = []
  for (const match of code.matchAll(STATEMENT)) {
    const specifier = match[4] ?? ""
    const names = match[3] ?? ""
    const allTypes = /^\s*\{([^}]*)\}\s*from/
      .exec(names)?.[1]
      ?.split(",")
      .filter((name) => name.trim() !== "")
    const typeOnly =
      match[2] !== undefined || (allTypes?.length ? allTypes.every((name) => /^\s*type\s/.test(name)) : false)
    found.push(resolved(path, specifier, typeOnly))
  }
  for (const match of code.matchAll(DYNAMIC)) found.push(resolved(path, match[1] ?? "", false))
  return found
}

function resolved(path: string, specifier: string, typeOnly: boolean): Import {
  if (specifier.startsWith("#")) return { specifier, typeOnly, target: specifier.slice(1), own: true }
  if (specifier.startsWith("."))
    return { specifier, typeOnly, target: relative(ROOT, resolve(ROOT, dirname(path), specifier)), own: true }
  const target = specifier.startsWith("@")
    ? specifier.split("/").slice(0, 2).join("/")
    : (specifier.split("/")[0] ?? specifier)
  return { specifier, typeOnly, target, own: false }
}
