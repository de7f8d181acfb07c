import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const PRODUCT_FILE = fileURLToPath(
  new URL("../node_modules/.cache/lamproom-e2e.json", import.meta.url),
)

/** The all-in-one that the global set-up started. */
export type RunningProduct = {
  url: string
  /** Second part of the demo's first network: its miners are 127.NETWORK.0.n and 127.NETWORK+1.0.n. */
  network: number
  /** Of the simulator. */
  controlPort: number
  logins: { who: string; email: string; password: string }[]
}

export function runningProduct(): RunningProduct {
  return JSON.parse(readFileSync(PRODUCT_FILE, "utf8")) as RunningProduct
}
