import type { Browser, Page } from "@playwright/test"
import { flatSpec } from "#edge/simulator/farm-spec.ts"
import { type Product, startProduct, until } from "#server/bench/product.ts"
import { assignOwner } from "#server/people/assign-owner.ts"
import { createUser } from "#server/people/create-user.ts"
import { expect, test } from "./fixtures.ts"

/** One site with 48 Antminers, an operator and a manager: the whole story of a change of pool. */
const MINERS = 48
const ROW_A = 40

test.describe("a change of pool on forty machines", () => {
  let product: Product
  let operator: number
  let manager: number

  test.beforeAll(async () => {
    product = await startProduct({
      farm: flatSpec(MINERS, "127.96.0.0"),
      targets: [`127.96.0.1-127.96.0.${MINERS}`],
      pollIntervalS: 10,
      simulatorArgs: ["--speed", "30"],
    })
    const make = async (name: string, role: "operator" | "site_manager") => {
      const { userId } = await createUser(product.ctx, {
        email: `${role}@journey.test`,
        name,
        account: "staff",
        globalRole: null,
        memberships: [{ siteId: product.siteId, role }],
      })
      return userId
    }
    operator = await make("Olga Operator", "operator")
    manager = await make("Mats Manager", "site_manager")
    await until(
      "every machine hashes",
      async () =>
        (
          await product.database
            .sql`select 1 from miner_telemetry_live where online and coalesce(hashrate_5s_ghs, hashrate_ghs) > 0`
        ).length >= MINERS,
      120_000,
    )
    await product.database.sql`
      update hosting_miners set place = 'Row A'
      where id in (select id from hosting_miners order by id limit ${ROW_A})`
    const { userId: client } = await createUser(product.ctx, {
      email: "client@journey.test",
      name: "Clara Client",
      account: "client",
    })
    const owned = await product.database.sql<
      { id: number }[]
    >`select id from hosting_miners where place = 'Row A' order by id`
    await assignOwner(product.ctx, { minerIds: owned.map((miner) => miner.id), userId: client })
  })
  test.afterAll(() => product?.stop())

  async function pageOf(browser: Browser, userId: number): Promise<Page> {
    const context = await browser.newContext({ baseURL: product.url })
    const [name = "", value = ""] = (await product.cookie(userId)).split("=")
    await context.addCookies([{ name, value, url: product.url }])
    return context.newPage()
  }

  test("is asked for, approved by somebody else, halted by its third wave, resumed, and told by the audit", async ({
    browser,
  }) => {
    const asker = await pageOf(browser, operator)
    await asker.goto("/commands/new")
    await asker.getByLabel("Place").selectOption("Row A")
    await asker.getByRole("button", { name: "Take these" }).click()
    await expect(asker.getByText("All 40 machines that match")).toBeVisible()
    await asker.getByRole("link", { name: "Change pool…" }).click()
    await asker.getByLabel("Address").first().fill("stratum+tcp://new-pool.example:3333")
    await asker.getByLabel("Worker").first().fill("rowa.{worker}")
    await asker.getByLabel("Machines in a wave").fill("10")
    await asker.getByLabel("Pause between waves, s").fill("0")
    await asker.getByRole("button", { name: "Preview" }).click()

    await expect(asker.getByText("In 4 waves of 10 machines, 0 s apart.")).toBeVisible()
    await expect(asker.getByText(/Waits for a second person/)).toBeVisible()
    await expect(asker.getByText("Leaves the client's account").first()).toBeVisible()
    await asker.getByLabel("Password of pool 1").fill("a-pool-password")
    await asker.getByLabel("Note").fill("The old pool closes tonight.")
    await asker.getByRole("button", { name: "Ask for approval: change pool on 40 machines" }).click()
    await asker.waitForURL(/\/commands/)

    // Who asked cannot approve; the manager can, and sees what he approves.
    await asker.goto("/approvals")
    await expect(asker.getByText("You asked for this yourself")).toBeVisible()
    await expect(asker.getByRole("button", { name: "Approve" })).toHaveCount(0)
    const decider = await pageOf(browser, manager)
    await decider.goto("/approvals")
    await expect(decider.getByText("new-pool.example:3333").first()).toBeVisible()
    await expect(decider.getByText("The old pool closes tonight.")).toBeVisible()

    // Three machines of the third wave will refuse the new pools.
    const [command] = await product.database.sql<
      { id: string }[]
    >`select id from remote_commands order by requested_at desc limit 1`
    const targets = await product.database.sql<{ address: string }[]>`
      select ip_address as address from hosting_miners where place = 'Row A' order by id`
    for (const { address } of targets.slice(20, 23)) await fault(address, "act-refuse")
    await decider.getByRole("button", { name: "Approve" }).click()
    await decider.getByRole("dialog").getByRole("button", { name: "Approve" }).click()
    await decider.goto(`/commands/${command?.id}`)

    await expect(decider.getByText(/Halted/).first()).toBeVisible({ timeout: 150_000 })
    await expect(decider.getByText(/Wave 3 of 4/).first()).toBeVisible()
    const [now] = await product.database.sql<
      { succeeded: number; open: number }[]
    >`select count(*) filter (where result_status = 'SUCCEEDED')::int as succeeded,
        count(*) filter (where result_status = 'PENDING')::int as open
      from remote_command_results where command_id = ${command?.id ?? ""}::uuid`
    expect(now?.open, "the last wave has not begun").toBe(10)

    // The operator may not let it go on; the manager may.
    await asker.goto(`/commands/${command?.id}`)
    await expect(asker.getByText(/Halted/).first()).toBeVisible()
    await expect(asker.getByRole("button", { name: /^Resume/ })).toHaveCount(0)
    await decider.getByRole("button", { name: /^Resume/ }).click()
    await decider
      .getByRole("dialog")
      .getByRole("button", { name: /^Resume/ })
      .click()
    await expect(decider.getByText(/37 succeeded/).first()).toBeVisible({ timeout: 120_000 })
    await expect(decider.getByText(/3 failed/).first()).toBeVisible()
    const story = decider.getByRole("region", { name: "What happened" })
    for (const person of ["Olga Operator", "Mats Manager"])
      await expect(story.getByText(person).first()).toBeVisible()

    await decider.goto(`/audit?q=${command?.id}`)
    for (const action of [
      "command.request",
      "command.approve",
      "command.halt",
      "command.resume",
      "command.fail",
    ])
      await expect(decider.getByText(action).first()).toBeVisible()
    await expect(decider.getByText("a-pool-password")).toHaveCount(0)

    // What runs on the machines is what was asked for.
    const old = targets.slice(20, 23).map((target) => target.address)
    await until("the machines tell the new pool", async () => {
      const rows = await product.database.sql<
        { address: string; worker: string | null; url: string | null }[]
      >`
        select m.ip_address as address, l.worker_name as worker, l.pool_url as url from hosting_miners m
        join miner_telemetry_live l on l.site_id = m.site_id and l.miner_id = m.id where m.place = 'Row A'`
      return rows.every(({ address, worker, url }) =>
        old.includes(address)
          ? !url?.includes("new-pool")
          : url?.includes("new-pool.example:3333") === true && worker?.startsWith("rowa.") === true,
      )
    })
    await asker.context().close()
    await decider.context().close()
  })

  async function fault(address: string, kind: string): Promise<void> {
    const answer = await fetch(`${product.controlUrl}/miners/${address}/fault`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind }),
    })
    expect(answer.ok).toBe(true)
  }
})
