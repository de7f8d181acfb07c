import { describe, expect, it } from "vitest"
import { FormFields, idOf } from "./form-fields.ts"
import { minerFilterOf, minerOrderOf } from "./miner-query.ts"
import { ownPath } from "./own-path.ts"

function fields(pairs: [string, string][]): FormFields {
  const form = new FormData()
  for (const [name, value] of pairs) form.append(name, value)
  return new FormFields(form)
}

describe("form fields", () => {
  it("tell empty from absent", () => {
    const form = fields([
      ["label", "  "],
      ["place", " Rack 4 "],
    ])
    expect(form.textIfGiven("label")).toBeNull()
    expect(form.textIfGiven("notes")).toBeUndefined()
    expect(form.text("place")).toBe("Rack 4")
  })
  it("read ids repeated or joined, words once, and numbers with either point", () => {
    const form = fields([
      ["ids", "1,2"],
      ["ids", "3"],
      ["ids", "x"],
      ["tags", "hot, spare,hot,"],
      ["limit", "85,5"],
    ])
    expect(form.integers("ids")).toEqual([1, 2, 3])
    expect(form.words("tags")).toEqual(["hot", "spare"])
    expect(form.number("limit")).toBe(85.5)
  })
  it("name the field that holds no number", () => {
    expect(() => fields([["limit", "warm"]]).number("limit")).toThrow(
      expect.objectContaining({ code: "INVALID", details: [expect.objectContaining({ path: "limit" })] }),
    )
  })
  it("treat an id that is none like one that does not exist", () => {
    expect(idOf("42")).toBe(42)
    for (const wrong of [undefined, "", "0", "-1", "1e3", "99999999999", "abc"])
      expect(() => idOf(wrong)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }))
  })
})

describe("addresses", () => {
  it("lead nowhere but here", () => {
    expect(ownPath("/miners?status=hot", "/")).toBe("/miners?status=hot")
    for (const foreign of [
      "https://evil.test",
      "//evil.test",
      "/\\evil.test",
      "javascript:alert(1)",
      "",
      null,
    ])
      expect(ownPath(foreign, "/")).toBe("/")
  })
  it("hold the list's filters; what cannot be right is left out", () => {
    const search = new URLSearchParams(
      "q=s19&status=hot&owner=none&collector=-3&health=bad&site=north&page=2&sort=temp&dir=desc",
    )
    expect(minerFilterOf(search)).toEqual({ q: "s19", status: "hot", owner: "none", siteSlug: "north" })
    expect(minerOrderOf(search)).toEqual({ sort: "temp", dir: "desc", page: 2 })
    expect(minerOrderOf(new URLSearchParams("sort=drop&page=x"))).toEqual({
      sort: "name",
      dir: "asc",
      page: 1,
    })
  })
})
