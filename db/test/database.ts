import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, inject } from "vitest"
import { type DatabaseHandle, openDatabase } from "../client.ts"
import postgres from "../postgres-js.ts"

/** Connected as the application's role, as in production; `ownerUrl` is for what only a superuser may do. */
export type TestDatabase = DatabaseHandle & { url: string; ownerUrl: string }

/**
 * A database of its own for a test file: a clone of the migrated template. Call at the top of a `describe` or file;
 * the members are there from `beforeAll` on.
 */
export function useDatabase(options: { max?: number } = {}): TestDatabase {
  const name = `t_${randomUUID().replaceAll("-", "")}`
  const held = {} as TestDatabase
  beforeAll(async () => {
    await administer(`create database ${name} template lamproom`)
    const url = inject("databaseUrl").replace(/\/lamproom$/, `/${name}`)
    const ownerUrl = inject("ownerUrl").replace(/\/lamproom$/, `/${name}`)
    Object.assign(held, openDatabase(url, { max: options.max ?? 4, name }), { url, ownerUrl })
  })
  afterAll(async () => {
    await held.close?.()
    await administer(`drop database if exists ${name} with (force)`)
  })
  return held
}

async function administer(command: string): Promise<void> {
  const sql = postgres(inject("ownerUrl").replace(/\/lamproom$/, "/postgres"), { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(command)
  } finally {
    await sql.end()
  }
}
