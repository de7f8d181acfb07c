import { randomUUID } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { flatSpec } from "#edge/simulator/farm-spec.ts"
import { type Product, until } from "#server/bench/product.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import type { Context } from "#server/context.ts"
import { DEATHS, type Death } from "./die-at.ts"
import { startFarm } from "./start-farm.ts"

/**
 * A collector killed at each step of an execution, for commands that may be repeated and commands that may not. All
 * commands end by themselves: those whose outcome must be looked up take the time of a reboot.
 */
type Kind = {
  name: string
  repeatable: boolean
  acts: readonly string[]
  action: Parameters<typeof requestCommand>[1]["action"]
}
const KINDS: Kind[] = [
  {
    name: "REBOOT hard",
    repeatable: false,
    acts: ["reboot-hard"],
    action: { type: "REBOOT", parameters: { mode: "hard" } },
  },
  {
    name: "REBOOT soft",
    repeatable: false,
    acts: ["conf", "reboot-soft"],
    action: { type: "REBOOT", parameters: { mode: "soft" } },
  },
  {
    name: "CHANGE_POOL",
    repeatable: true,
    acts: ["conf"],
    action: {
      type: "CHANGE_POOL",
      parameters: {
        pools: [
          { url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}", password: "k1ll-m4trix" },
        ],
      },
    },
  },
]
const CASES = KINDS.flatMap((kind) => DEATHS.map((death) => ({ kind, death })))
const DIE_AT = fileURLToPath(new URL("die-at.ts", import.meta.url))

describe("a collector killed at each step of an execution", () => {
  let product: Product
  let admin: Context
  const cases: { kind: Kind; death: Death; minerId: number; address: string; commandId: string }[] = []

  beforeAll(async () => {
    ;({ product, admin } = await startFarm(CASES.length, {
      farm: flatSpec(CASES.length, "127.93.0.0"),
      targets: [`127.93.0.1-127.93.0.${CASES.length}`],
      pollIntervalS: 10,
      simulatorArgs: ["--speed", "10"],
    }))
  })
  afterAll(() => product?.stop())

  it("runs nothing twice, leaves nothing open, and claims nothing that nobody knows", async () => {
    const { sql } = product.database
    const miners = await sql<{ id: number; minerId: string; address: string }[]>`
      select id, miner_id as "minerId", ip_address as address from hosting_miners order by id`
    for (const [index, { kind, death }] of CASES.entries()) {
      const miner = miners[index]
      if (!miner) throw new Error("a machine is missing")
      const module = join(product.dir, `die-${index}.ts`)
      writeFileSync(
        module,
        `import { dieAt } from ${JSON.stringify(DIE_AT)}\ndieAt(${JSON.stringify(death)}, ${JSON.stringify(miner.minerId)}, ${JSON.stringify(miner.address)})\n`,
      )
      await product.end("collector", "SIGTERM")
      await product.start("collector", { nodeArgs: ["--import", module] })
      const { commands } = await requestCommand(admin, {
        requestId: randomUUID(),
        targets: { minerIds: [miner.id] },
        action: kind.action,
      })
      cases.push({ kind, death, minerId: miner.id, address: miner.address, commandId: commands[0]?.id ?? "" })
      let end: NodeJS.Signals | number | null = null
      void product.ended("collector").then((how) => {
        end = how
      })
      await until(`the death ${death} of ${kind.name}`, () => end !== null)
      expect(end, `${kind.name}, ${death}`).toBe("SIGKILL")
      if (death !== "before-journal") continue
      // The next process gets it at once; let it finish before that one dies, too.
      await product.start("collector")
      await until(
        `the end of ${kind.name}`,
        async () =>
          (
            await sql`select 1 from remote_commands where id = ${commands[0]?.id ?? ""}::uuid and finished_at is not null`
          ).length > 0,
      )
    }
    await product.start("collector")
    const ids = cases.map((one) => one.commandId)
    await until(
      "every command has ended",
      async () => {
        const open =
          await sql`select 1 from remote_commands where id = any(${ids}::uuid[]) and finished_at is null`
        return open.length === 0
      },
      400_000,
      2_000,
    )

    const results = await sql<
      { commandId: string; status: string; code: number; message: string }[]
    >`select command_id as "commandId", result_status as status, result_code as code, result_message as message
      from remote_command_results where command_id = any(${ids}::uuid[])`
    const told = cases.map(({ kind, death, address, commandId }) => {
      const result = results.find((row) => row.commandId === commandId)
      const ran = product
        .journal()
        .filter((act) => act.address === address && kind.acts.includes(String(act.kind))).length
      return { kind, death, ran, ...result }
    })
    for (const one of told) {
      const what = `${one.kind.name} killed ${one.death}: ran ${one.ran} times, told ${one.status} ${one.code} "${one.message}"`
      if (one.code === 0) expect(one.ran, what).toBeGreaterThan(0)
      if (one.code === 1 || one.code === 2) expect(one.ran, what).toBe(0)
      if (!one.kind.repeatable) expect(one.ran, what).toBeLessThanOrEqual(1)
      // Killed before anything was sent, or after the outcome was on disk: that must be known, and known right.
      if (one.death === "before-journal" || one.death === "before-ack" || one.death === "after-ack")
        expect(one.code, what).toBe(0)
      if (one.kind.repeatable) expect(one.code, what).toBe(0)
    }
  })
})
