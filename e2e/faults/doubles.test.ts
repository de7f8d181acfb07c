import { randomUUID } from "node:crypto"
import { cpSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { flatSpec } from "#edge/simulator/farm-spec.ts"
import { type Product, until } from "#server/bench/product.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import type { Context } from "#server/context.ts"
import { startFarm, untilOnline } from "./start-farm.ts"

/** Two of what there should be one of: web processes, workers, collectors with one key, and a disk that was there before. */
const MINERS = 40

describe("two of everything", () => {
  let product: Product
  let admin: Context

  beforeAll(async () => {
    ;({ product, admin } = await startFarm(MINERS, {
      farm: flatSpec(MINERS, "127.95.0.0"),
      targets: [`127.95.0.1-127.95.0.${MINERS}`],
      pollIntervalS: 10,
      simulatorArgs: ["--speed", "10"],
      processes: ["web", "web-2", "worker", "worker-2", "simulator", "collector"],
    }))
  })
  afterAll(() => product?.stop())

  const minersOf = () => product.database.sql<{ id: number; address: string }[]>`
    select id, ip_address as address from hosting_miners order by id`
  const reboots = (address: string, since: number) =>
    product
      .journal()
      .filter(
        (act) => String(act.kind).startsWith("reboot") && act.address === address && Number(act.seq) > since,
      ).length
  const lastAct = () =>
    Math.max(
      0,
      ...product
        .journal()
        .filter((act) => act.kind !== "read")
        .map((act) => Number(act.seq)),
    )
  const ended = (id: string) =>
    until(
      "the command has ended",
      async () =>
        (
          await product.database
            .sql`select 1 from remote_commands where id = ${id}::uuid and finished_at is not null`
        ).length > 0,
      300_000,
      500,
    )
  const resultsOf = (id: string) => product.database.sql<
    { address: string; code: number; status: string; message: string }[]
  >`select m.ip_address as address, r.result_code as code, r.result_status as status, r.result_message as message
    from remote_command_results r join hosting_miners m on m.site_id = r.site_id and m.id = r.miner_id
    where r.command_id = ${id}::uuid`

  it("runs each command once while two workers, two web processes and a restarting database carry it", async () => {
    const miners = await minersOf()
    const since = lastAct()
    const form = {
      requestId: randomUUID(),
      ids: miners.map((miner) => miner.id).join(","),
      type: "REBOOT",
      mode: "soft",
      waveSize: String(MINERS),
    }
    // The same form, sent twice at once, to each web process.
    const cookie = await product.cookie()
    const answers = await Promise.all(
      [product.url, product.secondUrl].map((url) =>
        fetch(`${url}/commands/new`, {
          method: "POST",
          redirect: "manual",
          headers: {
            cookie,
            origin: product.url,
            // As the proxy in front of both would say.
            "x-forwarded-host": new URL(product.url).host,
            "content-type": "application/x-www-form-urlencoded",
          },
          body: new URLSearchParams(form),
        }),
      ),
    )
    expect(answers.map((answer) => answer.status)).toEqual([302, 302])
    const made = await product.database.sql<
      { id: string }[]
    >`select id from remote_commands where request_id = ${form.requestId}::uuid`
    expect(made).toHaveLength(1)
    const id = made[0]?.id ?? ""
    await until("some machines restart", () => miners.some(({ address }) => reboots(address, since) > 0))
    await product.killDatabase()
    await product.startDatabase()
    await ended(id)
    for (const { address, code, message } of await resultsOf(id))
      expect(reboots(address, since), `${address} told ${code} "${message}"`).toBe(code === 0 ? 1 : 0)
  })

  it("lets a second collector with the same key do nothing while the first is alive", async () => {
    await untilOnline(product, MINERS)
    const [first] = await product.database.sql<
      { instanceId: string }[]
    >`select instance_id as "instanceId" from edge_devices where site_id = ${product.siteId}`
    await product.start("collector-2")
    await until("the second one is refused", () => /CONFLICT/.test(product.logs("collector-2")), 30_000)
    const miners = (await minersOf()).slice(0, 5)
    const since = lastAct()
    const { commands } = await requestCommand(admin, {
      requestId: randomUUID(),
      targets: { minerIds: miners.map((miner) => miner.id) },
      action: { type: "REBOOT", parameters: { mode: "hard" } },
    })
    await ended(commands[0]?.id ?? "")
    for (const { address } of miners) expect(reboots(address, since), address).toBe(1)
    const [now] = await product.database.sql<
      { instanceId: string }[]
    >`select instance_id as "instanceId" from edge_devices where site_id = ${product.siteId}`
    expect(now).toEqual(first)
    await product.end("collector-2", "SIGKILL")
  })

  it("repeats nothing when a collector comes back from an old image of its disk", async () => {
    await untilOnline(product, MINERS)
    const cache = join(product.dir, "cache")
    const image = join(product.dir, "image")
    await product.end("collector", "SIGTERM")
    cpSync(cache, image, { recursive: true })
    await product.start("collector")

    // It acts and polls on, so that the gateway hears of a journal that is newer than the image…
    const miners = (await minersOf()).slice(10, 16)
    const ids = miners.map((miner) => miner.id)
    const since = lastAct()
    const led = await requestCommand(admin, {
      requestId: randomUUID(),
      targets: { minerIds: ids.slice(0, 1) },
      action: { type: "LED", parameters: { state: "on" } },
    })
    await ended(led.commands[0]?.id ?? "")
    const { commands } = await requestCommand(admin, {
      requestId: randomUUID(),
      targets: { minerIds: ids },
      action: { type: "REBOOT", parameters: { mode: "hard" } },
    })
    await until("every machine restarts", () => miners.every(({ address }) => reboots(address, since) > 0))
    // … and the acks of these are lost with the machine it runs on.
    await product.end("collector", "SIGKILL")
    rmSync(cache, { recursive: true })
    cpSync(image, cache, { recursive: true })
    await product.database.sql`update miner_commands set lease_until = now() where status = 'sent'`
    await product.start("collector")
    const id = commands[0]?.id ?? ""
    await ended(id)
    for (const { address, code, message } of await resultsOf(id)) {
      expect(reboots(address, since), `${address} told ${code} "${message}"`).toBe(1)
      expect([0, 5], message).toContain(code)
    }
  })
})
