import { describe, expect, it } from "vitest"
import { createVault } from "./vault.ts"

describe("vault", () => {
  const vault = createVault("a secret of this installation only")
  const other = createVault("another secret of another installation")

  it("opens what it sealed, for the same subject and secret only", () => {
    const sealed = vault.seal("backup:1", '{"pools":[]}')
    expect(vault.open("backup:1", sealed)).toBe('{"pools":[]}')
    expect(sealed).not.toContain("pools")
    for (const open of [() => vault.open("backup:2", sealed), () => other.open("backup:1", sealed)])
      expect(open).toThrow("LAMPROOM_SECRET")
    expect(() => vault.open("backup:1", `${sealed.slice(0, -3)}xyz`)).toThrow("LAMPROOM_SECRET")
    expect(() => vault.open("backup:1", "v1.")).toThrow("LAMPROOM_SECRET")
  })

  it("marks equal texts equally, and differently per installation", () => {
    expect(vault.mark("a")).toBe(vault.mark("a"))
    expect(vault.mark("a")).not.toBe(other.mark("a"))
  })
})
