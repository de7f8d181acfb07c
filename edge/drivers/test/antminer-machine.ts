import type { DriverContext, Identity } from "../driver.ts"
import { closeHttpSockets } from "../transport/http-client.ts"
import { forgetRefusedLogins } from "../transport/refused-logins.ts"
import { closedPort, contextFor, type FakeRpc, type FakeWeb, fakeRpc, fakeWeb } from "./fake-miner.ts"
import { antminerWeb } from "./machines.ts"

const open: (FakeRpc | FakeWeb)[] = []

/** Ends every machine of the test, and what the drivers remember of them. */
export async function stopMachines(): Promise<void> {
  closeHttpSockets()
  forgetRefusedLogins()
  await Promise.all(open.splice(0).map((fake) => fake.close()))
}

/** A made-up Antminer; `routes` null: without a web interface. */
export async function machine(
  answers: FakeRpc["answers"],
  routes: FakeWeb["routes"] | null = antminerWeb(),
  more: Partial<DriverContext> = {},
) {
  const rpc = await fakeRpc(answers)
  open.push(rpc)
  const web = routes === null ? null : await fakeWeb(routes)
  if (web) open.push(web)
  return { rpc, web, context: contextFor(rpc.port, web?.port ?? (await closedPort()), more) }
}

export const IDENTITY: Identity = {
  family: "antminer-stock",
  make: "Antminer",
  model: "S19 Pro",
  firmware: "stock",
  firmwareVersion: "x",
  mac: null,
  serial: null,
  confidence: 1,
  evidence: [],
}
