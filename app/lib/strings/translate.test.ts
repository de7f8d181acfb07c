import { describe, expect, it } from "vitest"
import { translator } from "./translate.ts"

describe("the catalogue of texts", () => {
  const t = translator("en")
  it("fills in names and chooses the form by number", () => {
    expect(t("common.page", { page: 2, pages: 1_204 })).toBe("Page 2 of 1,204")
    expect(t("shell.openApprovals", { count: 1 })).toBe("1 waits for approval")
    expect(t("shell.openApprovals", { count: 3 })).toBe("3 wait for approval")
  })
})
