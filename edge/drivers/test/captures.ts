import { spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { createInterface } from "node:readline"
import { closedPort } from "./fake-miner.ts"

/** Answers recorded from real machines; they lie beside the checkout, where they are allowed to. */
const CAPTURES = resolve(import.meta.dirname, "../../../../shared/captures")
export const capturesAreHere = existsSync(CAPTURES)

type Manifest = { family: string; expect: Record<string, unknown> }

export function manifestOf(device: string): Manifest {
  return JSON.parse(readFileSync(resolve(CAPTURES, device, "manifest.json"), "utf8"))
}

/** Every recorded device, `make/name`; none where the folder is missing. */
export function capturedDevices(): string[] {
  if (!capturesAreHere) return []
  return readdirSync(CAPTURES, { withFileTypes: true })
    .filter((make) => make.isDirectory())
    .flatMap((make) =>
      readdirSync(resolve(CAPTURES, make.name))
        .map((name) => `${make.name}/${name}`)
        .filter((device) => existsSync(resolve(CAPTURES, device, "manifest.json"))),
    )
    .sort()
}

/** Plays a device in a process of its own while `ask` runs; a door that it lacks is a port where nobody listens. */
export async function withReplay<T>(
  device: string,
  fault: string | null,
  ask: (ports: { rpcPort: number; webPort: number }) => Promise<T>,
): Promise<T> {
  const args = [
    resolve(CAPTURES, "replay.mjs"),
    resolve(CAPTURES, device),
    ...(fault ? ["--fault", fault] : []),
  ]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  const ended = new Promise((done) => child.once("exit", done))
  try {
    const line = await new Promise<string>((done) => createInterface(child.stdout).once("line", done))
    const { tcp, http } = JSON.parse(line) as { tcp: number | null; http: number | null }
    return await ask({ rpcPort: tcp ?? (await closedPort()), webPort: http ?? (await closedPort()) })
  } finally {
    child.kill()
    await ended
  }
}
