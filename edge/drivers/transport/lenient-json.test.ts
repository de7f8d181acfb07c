import { describe, expect, it } from "vitest"
import { seededRandom } from "../test/random.ts"
import { parseLenientJson } from "./lenient-json.ts"

const read = (text: string) => parseLenientJson(text)
const value = (text: string) => {
  const parsed = read(text)
  return parsed.ok ? parsed.value : "unreadable"
}

describe("parseLenientJson", () => {
  it("leaves good JSON alone", () => {
    expect(read('{"a":[1,2],"b":"}{,]"}')).toEqual({
      ok: true,
      value: { a: [1, 2], b: "}{,]" },
      repairs: [],
      truncated: false,
    })
  })

  it.each([
    [
      "missing comma between objects",
      '{"STATS":[{"Type":"X"}{"STATS":0}]}',
      { STATS: [{ Type: "X" }, { STATS: 0 }] },
      "missing-commas",
    ],
    [
      "missing comma before a key",
      '{"PCB SN":"AB12""temp0":61}',
      { "PCB SN": "AB12", temp0: 61 },
      "missing-commas",
    ],
    [
      "missing comma between objects, but not in a text",
      '{"a":[{"b":"x}{\\"}{"}{"c":1}{}]}',
      { a: [{ b: 'x}{"}{' }, { c: 1 }, {}] },
      "missing-commas",
    ],
    ["missing comma after an object", '{"a":{"b":1}"c":2}', { a: { b: 1 }, c: 2 }, "missing-commas"],
    ["trailing comma", '{"A":1,}', { A: 1 }, "stray-commas"],
    ["leading comma", '{"DEVS":[,{"ASC":0}]}', { DEVS: [{ ASC: 0 }] }, "stray-commas"],
    ["doubled comma", '{"a":1,,"b":2}', { a: 1, b: 2 }, "stray-commas"],
    ["bare nan", '{"Hash Deviation%":nan,"x":-inf}', { "Hash Deviation%": null, x: null }, "bare-words"],
    ["bare dash", '{"freq4":-,"a":1}', { freq4: null, a: 1 }, "bare-words"],
    ["empty value", '{"freq4":,"a":1}', { freq4: null, a: 1 }, "bare-words"],
    ["missing first brace", ',"POOLS":[{"POOL":1}]}', { POOLS: [{ POOL: 1 }] }, "missing-brace"],
    ["single quotes", "{'a':'it\\'s','b':1}", { a: "it's", b: 1 }, "single-quotes"],
    ["leading zeros", '{"a":007,"b":+5}', { a: "007", b: "+5" }, "odd-numbers"],
    ["thousands commas", '{"a":18,500.5,"b":1}', { a: "18,500.5", b: 1 }, "odd-numbers"],
    [
      "pairs in a list",
      '{"error_code":["218":"2024-01-01 00:00:00"]}',
      { error_code: { 218: "2024-01-01 00:00:00" } },
      "pairs-in-array",
    ],
    [
      "raw newline in a string",
      '{"Msg":"line1\nline2\there"}',
      { Msg: "line1 line2 here" },
      "control-characters",
    ],
  ])("mends: %s", (_name, text, wanted, repair) => {
    const parsed = read(text)
    expect(parsed).toMatchObject({ ok: true, value: wanted, truncated: false })
    expect(parsed.repairs).toContain(repair)
  })

  it("mends several faults of one reply and names them", () => {
    const parsed = read('{"a":[{"b":nan}{"c":1,}]}')
    expect(parsed).toMatchObject({ ok: true, value: { a: [{ b: null }, { c: 1 }] } })
    expect(parsed.repairs).toEqual(["missing-commas", "stray-commas", "bare-words"])
  })

  it("never looks into strings", () => {
    const text = '{"user":"a}{b,,nan,]","worker":"x\\"y}","n":1,}'
    expect(value(text)).toEqual({ user: "a}{b,,nan,]", worker: 'x"y}', n: 1 })
  })

  it("does not join what stood apart", () => {
    expect(value('{"a":1 2}')).not.toEqual({ a: 12 })
  })

  it("does not take pretty printing for control characters", () => {
    expect(read('{\n\t"a": 1,\r\n}').repairs).toEqual(["stray-commas"])
  })

  it.each([
    ['{"POOLS":[{"POOL":0,"Status":"Ali', { POOLS: [{ POOL: 0 }] }],
    ['{"a":1,"b":', { a: 1 }],
    ['{"a":1,"b"', { a: 1 }],
    ['{"a":1,"b":[1,2', { a: 1, b: [1] }],
    ['{"a":1,', { a: 1 }],
    ['{"a":{"b":2', { a: {} }],
  ])("closes what was cut and says so: %s", (text, wanted) => {
    expect(read(text)).toMatchObject({ ok: true, value: wanted, truncated: true })
  })

  it("takes the miner's own mark of truncation", () => {
    expect(read('{"STATS":[],"id":0}')).toMatchObject({ ok: true, truncated: true })
    expect(read('{"STATS":[],"id":1}')).toMatchObject({ ok: true, truncated: false })
  })

  it.each(["", "<html>", "STATUS=S", "]", "}{", "{]", "{a b c}"])("gives up on %j", (text) => {
    expect(read(text).ok).toBe(false)
  })

  it("never throws and cutting never passes for whole, whatever the text (seed 7)", () => {
    const random = seededRandom(7)
    const alphabet = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "'",
      "\\",
      "\0",
      "\n",
      "nan",
      "-",
      "1",
      "0.5",
      "x",
      " ",
      "é",
      "\ud800",
      '"k"',
      "null",
    ]
    const sample = JSON.stringify({
      STATUS: [{ STATUS: "S", Code: 11, Msg: "a,b}{" }],
      SUMMARY: [{ "GHS 5s": "1,234.5", Elapsed: 5, "temp\\": null, list: [1, [2, { x: -1e3 }]] }],
      id: 1,
    })
    for (let round = 0; round < 4_000; round += 1) {
      let text = ""
      const size = Math.floor(random() * 40)
      for (let at = 0; at < size; at += 1) text += alphabet[Math.floor(random() * alphabet.length)]
      expect(() => read(text)).not.toThrow()
      const from = Math.floor(random() * sample.length)
      const junk = alphabet[Math.floor(random() * alphabet.length)]!
      const mutated = sample.slice(0, from) + junk + sample.slice(from + Math.floor(random() * 4))
      expect(() => read(mutated)).not.toThrow()
      const cut = read(sample.slice(0, from))
      expect(cut.ok && !cut.truncated).toBe(false)
    }
  })

  it("survives deep nesting and a megabyte of junk", () => {
    expect(() => read("[".repeat(100_000))).not.toThrow()
    expect(() => read('{"a":'.repeat(50_000))).not.toThrow()
    expect(read(",".repeat(1_000_000)).ok).toBe(false)
  })
})
