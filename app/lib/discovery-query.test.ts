import { expect, it } from "vitest"
import { discoveryQueryOf, filterOf, withQuery } from "./discovery-query.ts"

const of = (text: string) => discoveryQueryOf(new URLSearchParams(text))
const SCAN = "0190b2f0-7c1e-7abc-8def-0123456789ab"

it("shows what waits for a decision unless the address says otherwise", () => {
  expect(of("").state).toBe("new")
  expect(of("state=ignored").state).toBe("ignored")
  expect(of("state=all").state).toBeUndefined()
  expect(of(`scan=${SCAN}`)).toMatchObject({ state: undefined, scanId: SCAN })
  expect(of("moved=1")).toMatchObject({ state: undefined, moved: true })
})
it("leaves out what cannot be right", () => {
  expect(of("collector=-1&scan=x&state=nonsense")).toMatchObject({
    deviceId: undefined,
    scanId: undefined,
    state: "new",
  })
})
it("keeps filters and leaves the page and the last decision", () => {
  const search = new URLSearchParams(`site=a&state=known&page=3&decision=${SCAN}`)
  expect(filterOf(search)).toBe("site=a&state=known")
  expect(withQuery(search, { state: "new" })).toBe("/discovery?site=a&state=new")
  expect(withQuery(search, { state: null, site: null })).toBe("/discovery")
})
