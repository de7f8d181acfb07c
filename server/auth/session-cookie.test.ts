import { expect, it } from "vitest"
import { parseSessionCookie, serializeSessionCookie } from "./session-cookie.ts"

const token = "abcdefghijklmnopqrstuvwxyz0123456789abcd"

it("is read back among other cookies", () => {
  const cookie = serializeSessionCookie(token, { secure: true })
  expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=604800; Secure$/)
  expect(parseSessionCookie(`theme=dark; ${cookie.split(";")[0]}; x=y`)).toBe(token)
})

it("is removed with an age of nothing, and is plain only when asked", () => {
  expect(serializeSessionCookie(null, { secure: false })).toBe(
    "lamproom_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
  )
})

it.each([
  null,
  undefined,
  "",
  "theme=dark",
  "lamproom_session=",
  "lamproom_session=../../etc",
])("is absent in %j", (header) => {
  expect(parseSessionCookie(header)).toBeNull()
})
