import { expect, it } from "vitest"
import { inTurn } from "./in-turn.ts"
import { alreadySo, done, notDone } from "./outcomes.ts"

const step =
  (name: string, verified = true) =>
  async () =>
    done({
      ran: name,
      message: `${name}.`,
      verified,
      before: { [name]: 0, first: name },
      after: { [name]: 1 },
    })
const so = async () => alreadySo("read", "It was so.", { so: 1 })

it("tells the state before the first and after the last", async () => {
  expect(await inTurn("both", [step("a"), step("b")])).toEqual({
    ok: true,
    value: {
      ran: "both",
      message: "a. b.",
      verified: true,
      before: { a: 0, b: 0, first: "a" },
      after: { a: 1, b: 1 },
    },
  })
})

it("is verified and already so only when all are", async () => {
  expect(await inTurn("both", [so, so])).toMatchObject({ ok: true, value: { already: true, verified: true } })
  expect(await inTurn("both", [so, step("a", false)])).toMatchObject({
    ok: true,
    value: { verified: false, after: null },
  })
  const mixed = await inTurn("both", [so, step("a")])
  expect(mixed.ok && "already" in mixed.value).toBe(false)
})

it("ends with the first that was not done, and says what was before", async () => {
  let later = false
  const outcome = await inTurn("all", [
    step("a"),
    async () => notDone("refused", "No."),
    async () => {
      later = true
      return so()
    },
  ])
  expect(outcome).toEqual({
    ok: false,
    sent: false,
    fault: { kind: "refused", message: "No. Before that: a." },
  })
  expect(later).toBe(false)
})
