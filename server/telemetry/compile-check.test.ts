import { describe, expect, it } from "vitest"
import { z } from "zod"
import { sampleSchema } from "#server/contract/telemetry.ts"
import { seeded } from "../bench/ingest-batches.ts"
import { compileCheck } from "./compile-check.ts"
import { offline, sample } from "./test/farm.ts"

const ODD: unknown[] = [
  null,
  undefined,
  true,
  0,
  -0,
  -1,
  0.5,
  -60,
  -60.01,
  250,
  251,
  255,
  256,
  32_767,
  32_768,
  100_001,
  2_147_483_648,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  1e15,
  -1e15,
  1.1e15,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "",
  "12",
  "eco",
  "healthy",
  "a\0b",
  "x".repeat(64),
  "x".repeat(65),
  "x".repeat(129),
  "x".repeat(513),
  "2031-05-06T12:02:30Z",
  "2031-05-06T12:02:30+02:00",
  "2031-05-06T12:02:30",
  "2031-02-30T12:02:30Z",
  "2031-13-06T12:02:30Z",
  "yesterday",
  [],
  [1],
  [null, 2],
  ["x"],
  [undefined],
  Array(33).fill(1),
  Array(257).fill(1),
  {},
  { id: 1 },
  [{ id: 1 }],
  [{ id: 1, colour: "red" }],
  [{ code: "a", message: "b" }],
  new Date(0),
]

type Place = { holder: Record<string, unknown>; name: string }

/** Every member of a value, at any depth. */
function places(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...places(holder[name])])
}

describe("compileCheck", () => {
  const check = compileCheck(sampleSchema)
  const strict = z.strictObject({
    ...sampleSchema.shape,
    boards: z
      .array(z.strictObject(sampleSchema.shape.boards.unwrap().unwrap().element.shape))
      .max(32)
      .nullish(),
    pools: z
      .array(z.strictObject(sampleSchema.shape.pools.unwrap().unwrap().element.shape))
      .max(16)
      .nullish(),
    errors: z
      .array(z.strictObject(sampleSchema.shape.errors.unwrap().unwrap().element.shape))
      .max(64)
      .nullish(),
  })
  const agree = (candidate: unknown) => {
    const parsed = sampleSchema.safeParse(candidate)
    const accepted = check(candidate)
    if (accepted) expect(parsed).toEqual({ success: true, data: candidate })
    // Nothing but strangers among the members sends a good sample the long way.
    expect(accepted).toBe(strict.safeParse(candidate).success)
  }

  it("accepts the samples of everyday", () => {
    expect(check(sample("SN-1", 30))).toBe(true)
    expect(check(offline("SN-2", 30))).toBe(true)
  })

  it("agrees with the schema about every member holding every odd value, or missing", () => {
    const names = [...Object.keys(sampleSchema.shape), "colour", "toString", "__proto__"]
    for (const name of names)
      for (const odd of ODD) {
        const candidate: Record<string, unknown> = { ...sample("SN-1", 30) }
        Object.defineProperty(candidate, name, { value: odd, enumerable: true })
        agree(candidate)
      }
    for (const name of names) {
      const candidate: Record<string, unknown> = { ...sample("SN-1", 30) }
      delete candidate[name]
      agree(candidate)
    }
    for (const odd of ODD) agree(odd)
  })

  it("agrees with the schema about samples changed in several places", () => {
    const random = seeded(7)
    const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
    let accepted = 0
    for (let n = 0; n < 3_000; n++) {
      const candidate = structuredClone(sample(`SN-${n}`, 30, { errors: [{ code: "7", message: "fan" }] }))
      for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
        const { holder, name } = pick(places(candidate))
        if (random() < 0.2) delete holder[name]
        else if (random() < 0.1 && !Array.isArray(holder)) holder.stranger = pick(ODD)
        else holder[name] = structuredClone(pick(ODD))
      }
      agree(candidate)
      if (check(candidate)) accepted++
    }
    expect(accepted).toBeGreaterThan(100)
    expect(accepted).toBeLessThan(2_900)
  })

  it("never accepts what would come out changed, or what it does not know", () => {
    for (const [schema, value] of [
      [z.string().trim(), " x"],
      [z.string().toLowerCase(), "X"],
      [z.coerce.number(), 1],
      [z.number().default(1), 1],
      [z.number().transform((n) => n + 1), 1],
      [z.number().multipleOf(5), 7],
      [z.string().startsWith("a"), "b"],
      [z.looseObject({}), { a: 1 }],
      [z.int32(), 1],
      [z.email(), "a@b.example"],
    ] as [z.ZodType, unknown][])
      expect(compileCheck(schema)(value)).toBe(false)
  })
})
