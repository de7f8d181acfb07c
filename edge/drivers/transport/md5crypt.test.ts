import { expect, it } from "vitest"
import { md5crypt } from "./md5crypt.ts"

it.each([
  ["admin", "abcd1234", "qa9TGkIrcStkIZ/xzypaE1"],
  ["hunter2-long-password-xyz", "Zz.9/aB0", "7aVgK7iRi3NM2RnH9caQd/"],
  ["", "saltsalt", "5Jhcit4zN9UlGiA0txPkO0"],
  ["p", "k", "rbWJHTQsZlkyDOKO3JWRN0"],
  ["qa9TGkIrcStkIZ/xzypaE15310", "wxyz9876", "oSOgaombwjlTDWGekIWjo."],
])("hashes %j with the salt %j as the vendor's vectors say", (password, salt, hash) => {
  expect(md5crypt(password, salt)).toBe(hash)
})

it("takes eight bytes of a longer salt", () => {
  expect(md5crypt("admin", "abcd1234efgh")).toBe("qa9TGkIrcStkIZ/xzypaE1")
})
