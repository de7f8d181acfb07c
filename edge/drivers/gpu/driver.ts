import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverFamily } from "#server/contract/families.ts"
import { type ActTable, actBy, capabilitiesBy } from "../act-table.ts"
import type { Capabilities, Driver, DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { text } from "../transport/coerce.ts"
import { askProgram } from "./ask.ts"
import { first, mapRig } from "./map.ts"
import { setPaused } from "./pause.ts"
import type { GpuProgram, RigRows } from "./program.ts"
import { GPU_PROGRAMS } from "./programs.ts"

export const MAKE = "GPU rig"

const XMRIG_ACTS: ActTable = {
  ENABLE: (context) => setPaused(context, false),
  DISABLE: (context) => setPaused(context, true),
}

/** A driver for a mining program: it reads; only XMRig lets itself be paused. */
function gpuDriver(program: GpuProgram): Driver {
  const canPause = program.family === "gpu-xmrig"
  const capabilities = (identity: Identity): Capabilities =>
    capabilitiesBy(
      identity,
      canPause ? { ENABLE: true, DISABLE: true } : {},
      `${program.name} is started, stopped and set by whatever runs it on the rig; its API only tells`,
    )
  return {
    family: program.family,
    make: MAKE,
    identify: (context) => identify(context, program),
    read: (context, identity) => read(context, identity, program),
    capabilities,
    act: actBy(canPause ? XMRIG_ACTS : {}, capabilities),
  }
}

export const gpuDrivers = Object.fromEntries(
  GPU_PROGRAMS.map((program) => [program.family, gpuDriver(program)]),
) as Readonly<Record<Extract<DriverFamily, `gpu-${string}`>, Driver>>

/** A program knows neither MAC nor serial of its rig. */
async function identify(context: DriverContext, program: GpuProgram): Promise<Outcome<Identity>> {
  const told = await askProgram(context, program)
  if (!told.ok) return told
  const rows = program.rowsOf(told.value.body)
  const version = text(program.versionOf(told.value.body), 128)
  return ok({
    family: program.family,
    make: MAKE,
    model: modelOf(program, rows),
    firmware: program.name,
    firmwareVersion: version,
    mac: null,
    serial: null,
    confidence: 1,
    evidence: [
      `${"rpc" in program.ask ? "summary" : program.ask.http[0]}: ${program.name} ${version ?? ""}`.trim(),
    ],
  })
}

/** `6 × RTX 3080, 2 × RX 6800`; null where the program does not name its devices. */
export function modelOf(program: GpuProgram, { devices }: RigRows): string | null {
  const counts = new Map<string, number>()
  for (const row of devices) {
    const name = first(row, program.device.name, (value) => text(value, 64))
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  if (counts.size === 0) return null
  return [...counts]
    .map(([name, count]) => `${count} × ${name}`)
    .join(", ")
    .slice(0, 128)
}

async function read(
  context: DriverContext,
  identity: Identity,
  program: GpuProgram,
): Promise<Outcome<Reading>> {
  const told = await askProgram(context, program)
  if (!told.ok) return told
  const mapped = mapRig(program, program.rowsOf(told.value.body))
  return ok(completeReading(context, identity, mapped, told.value.latencyMs))
}
