import { expect, it } from "vitest"
import { SUPPORT } from "#server/contract/support-matrix.ts"
import { capturedDevices, capturesAreHere, manifestOf } from "../test/captures.ts"
import { supportMatrix } from "./support.ts"

it("B22 D19 the support matrix says what the drivers do; `npm run support` writes it anew", async () => {
  const rows = await supportMatrix((family) => SUPPORT.find((row) => row.family === family)?.recorded ?? [])
  expect(SUPPORT).toEqual(rows)
})

it.runIf(capturesAreHere)("names every recorded machine", () => {
  const told = SUPPORT.flatMap((row) => row.recorded.map((device) => `${row.family} ${device}`))
  expect(told.sort()).toEqual(
    capturedDevices()
      .map((device) => `${manifestOf(device).family} ${device}`)
      .sort(),
  )
})
