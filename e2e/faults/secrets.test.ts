import { randomBytes, randomUUID } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { getWeb } from "#edge/drivers/antminer/web.ts"
import { flatSpec } from "#edge/simulator/farm-spec.ts"
import { type Product, until } from "#server/bench/product.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import { saveTemplate } from "#server/commands/templates/save-template.ts"
import type { Context } from "#server/context.ts"
import { setCredential } from "#server/credentials/set-credential.ts"
import { startFarm } from "./start-farm.ts"

/** A17 C15 D18: passwords go in by a request, a template or a form and come out at the machine, and nowhere else. */
const MINERS = 3

describe("passwords of pools and machines", () => {
  let product: Product
  let admin: Context
  const needle = () => `n33dle-${randomBytes(9).toString("hex")}`
  const poolPassword = needle()
  const templatePassword = needle()
  const refusedPassword = needle()
  /** Assigned to a family, and set on the machines themselves. */
  const assignedPassword = needle()
  const machinePassword = needle()
  const passwords = [poolPassword, templatePassword, refusedPassword, assignedPassword, machinePassword]
  /** As they are, and as a careless program would write them down. */
  const forms = passwords.flatMap((word) => [
    word,
    Buffer.from(word).toString("base64").replace(/=+$/, "").slice(0, -1),
    Buffer.from(word).toString("base64url").slice(0, -1),
    Buffer.from(word).toString("hex"),
  ])
  const found = (text: string) => forms.filter((form) => text.includes(form))
  const changePool = (password: string) => ({
    type: "CHANGE_POOL" as const,
    parameters: {
      pools: [{ url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}", password }],
    },
  })

  beforeAll(async () => {
    ;({ product, admin } = await startFarm(MINERS, {
      farm: flatSpec(MINERS, "127.94.0.0"),
      targets: [`127.94.0.1-127.94.0.${MINERS}`],
      simulatorArgs: ["--speed", "20"],
    }))
  })
  afterAll(() => product?.stop())

  async function tables(): Promise<string[]> {
    const { sql } = product.database
    const names = await sql<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') and schemaname not like 'pg\\_temp%'`
    const texts: string[] = []
    for (const { name } of names) {
      const rows = await sql.unsafe<{ row: string }[]>(`select to_jsonb(t)::text as row from ${name} t`)
      texts.push(`${name}: ${rows.map((row) => row.row).join("\n")}`)
    }
    return texts
  }
  const ended = async (commandId: string) =>
    until("the command ended", async () => {
      const [row] = await product.database.sql<
        { status: string }[]
      >`select status from remote_commands where id = ${commandId}::uuid and finished_at is not null`
      return row !== undefined
    })
  const request = async (minerIds: number[], action: Parameters<typeof requestCommand>[1]["action"]) => {
    const { commands } = await requestCommand(admin, {
      requestId: randomUUID(),
      targets: { minerIds },
      action,
    })
    return commands[0]?.id ?? ""
  }

  it("reach the machine, and are in no table, log, page, metric or file of the collector", async () => {
    const { sql } = product.database
    const miners = await sql<{ id: number; address: string }[]>`
      select id, ip_address as address from hosting_miners order by id`
    const ids = miners.map((miner) => miner.id)
    await product.end("collector", "SIGTERM")
    const open = await request(ids, changePool(poolPassword))
    await saveTemplate(admin, {
      siteId: product.siteId,
      name: "New pool",
      action: changePool(templatePassword),
    })
    await setCredential(admin, {
      siteId: product.siteId,
      subject: { scope: "family", family: "antminer-stock" },
      username: "root",
      password: assignedPassword,
    })
    await expect(
      request(ids, {
        type: "CHANGE_POOL",
        parameters: { pools: [{ url: "not a pool", worker_name: "w", password: refusedPassword }] },
      }),
    ).rejects.toThrow(/stratum/)
    const [sealed] = await sql<
      { n: number }[]
    >`select count(*)::int as n from sealed_secrets where subject_id = ${open}::uuid`
    expect(sealed?.n, "sealed while it is open").toBe(1)
    for (const text of await tables()) expect(found(text), text.slice(0, 60)).toEqual([])

    await product.start("collector")
    await ended(open)
    const [wiped] = await sql<
      { n: number }[]
    >`select count(*)::int as n from sealed_secrets where subject_id = ${open}::uuid`
    expect(wiped?.n, "wiped at the end").toBe(0)
    const succeeded = await sql`select 1 from remote_command_results
      where command_id = ${open}::uuid and result_status = 'SUCCEEDED'`
    expect(succeeded).toHaveLength(MINERS)
    for (const { address } of miners) expect(await passwordAt(address)).toBe(poolPassword)

    const login = await request(ids, { type: "SET_LOGIN", parameters: { password: machinePassword } })
    await ended(login)
    for (const { address } of miners)
      expect(await passwordAt(address, machinePassword), "it logs in with the new one").toBe(poolPassword)
    const kept = await sql`select 1 from miner_credentials where command_id = ${login}::uuid`
    expect(kept, "each has its own login").toHaveLength(MINERS)

    const backup = await request(ids.slice(0, 1), {
      type: "BACKUP_CONFIG",
      parameters: { name: "with a password" },
    })
    await ended(backup)
    const [taken] = await sql<
      { id: string; sealed: string | null }[]
    >`select id, sealed from miner_backups where command_id = ${backup}::uuid`
    expect(taken?.sealed).toMatch(/^v1\./)

    const cookie = await product.cookie()
    const [{ slug } = { slug: "" }] = await sql<{ slug: string }[]>`
      select slug from hosting_sites where id = ${product.siteId}`
    const pages = [
      ...["/commands", "/audit", "/templates", "/backups", "/approvals", "/metrics"],
      ...[
        `/commands/${open}`,
        `/commands/${backup}`,
        `/commands/${login}`,
        `/sites/${slug}/logins`,
        `/backups/${taken?.id}`,
        `/miners/${ids[0]}`,
      ],
    ]
    for (const page of pages) {
      const answer = await fetch(product.url + page, { headers: { cookie } })
      expect(answer.status, page).toBe(200)
      expect(found(await answer.text()), page).toEqual([])
    }
    for (const text of await tables()) expect(found(text), text.slice(0, 60)).toEqual([])
    for (const name of ["web", "worker", "collector"] as const)
      expect(found(product.logs(name)), `log of ${name}`).toEqual([])
    await product.end("collector", "SIGTERM")
    const cache = join(product.dir, "cache")
    for (const file of readdirSync(cache, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue
      expect(found(readFileSync(join(file.parentPath, file.name), "latin1")), file.name).toEqual([])
    }
  })

  /** What the machine itself says, asked as its own web page does. */
  async function passwordAt(address: string, login?: string): Promise<string | undefined> {
    const webPort = product.webPort()
    const conf = await getWeb(
      {
        address: { host: address, rpcPort: 4028, webPort },
        credentials: login === undefined ? null : { username: "root", password: login },
        limits: { chipWarningC: 85, chipCriticalC: 95, boardWarningC: 70, boardCriticalC: 80 },
        signal: AbortSignal.timeout(10_000),
      },
      "get_miner_conf",
    )
    if (!conf.ok) throw new Error(conf.fault.message)
    return (conf.value.pools as { pass?: string }[])[0]?.pass
  }
})
