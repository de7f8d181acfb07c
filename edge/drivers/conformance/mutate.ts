/** What can become of an answer on its way: bytes, brackets, values, keys, order, length. */
const ODD_VALUES = [
  "null",
  "-1",
  "0",
  "1e300",
  "-1e300",
  "99999999",
  '""',
  '"nan"',
  "nan",
  "-inf",
  '"-"',
  '"1,2,3"',
  "[]",
  "{}",
  "true",
  '"0-0-0-0"',
  '"78--5"',
  "[[]]",
  '"\\u0000\\u0007"',
  "3.7",
  `"${"x".repeat(5_000)}"`,
  "-",
  "007",
  "+5",
  '"١٢٣"',
]
const VALUE = /:\s*(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g

type Random = () => number
const at = (random: Random, length: number) => Math.floor(random() * length)
const pick = <T>(random: Random, list: readonly T[]): T => list[at(random, list.length)]!

const mutations: readonly ((text: string, random: Random) => string)[] = [
  // another value
  (text, random) => {
    const chosen = spot(text, VALUE, random)
    return chosen === null ? text : spliced(text, chosen.at, chosen.length, `:${pick(random, ODD_VALUES)}`)
  },
  // many other values
  (text, random) => text.replace(VALUE, (whole) => (random() < 0.1 ? `:${pick(random, ODD_VALUES)}` : whole)),
  // a key gone, or another
  (text, random) => {
    const chosen = spot(text, /"[^"\\]{1,40}"\s*:/g, random)
    return chosen === null ? text : spliced(text, chosen.at, chosen.length, random() < 0.5 ? '"?":' : "")
  },
  // a number times ten to the third or sixth, or negative
  (text, random) =>
    text.replace(/(?<=[:[,]\s*"?)\d+(?:\.\d+)?/g, (number) =>
      random() < 0.05
        ? pick(random, [`-${number}`, `${number}000`, `${number}000000`, `0.${number}`])
        : number,
    ),
  // cut off
  (text, random) => text.slice(0, at(random, text.length)),
  // the beginning missing
  (text, random) => text.slice(at(random, Math.min(40, text.length))),
  // one character another
  (text, random) =>
    spliced(
      text,
      at(random, text.length),
      1,
      String.fromCharCode(pick(random, [0, 9, 10, 34, 44, 92, 123, 125, 0xfffd])),
    ),
  // a piece twice, or missing
  (text, random) => {
    const from = at(random, text.length)
    const length = 1 + at(random, 60)
    const piece = text.slice(from, from + length)
    return random() < 0.5 ? spliced(text, from, 0, piece) : spliced(text, from, length, "")
  },
  // brackets of another kind
  (text, random) => {
    const chosen = spot(text, /[[\]{}]/g, random)
    return chosen === null ? text : spliced(text, chosen.at, 1, pick(random, ["[", "]", "{", "}"]))
  },
  // something else altogether
  (_text, random) =>
    pick(random, [
      "",
      "{}",
      "[]",
      "null",
      "<html></html>",
      '"x"',
      "STATUS=S|",
      "\u0000",
      "HTTP/1.1 200",
      "{",
    ]),
]

/** One to three mutations of an answer, the same for the same randomness. */
export function mutated(text: string, random: Random): string {
  let out = text
  for (let left = 1 + at(random, 3); left > 0; left -= 1) out = pick(random, mutations)(out, random)
  return out
}

function spot(text: string, pattern: RegExp, random: Random): { at: number; length: number } | null {
  const found = [...text.matchAll(pattern)]
  if (found.length === 0) return null
  const match = pick(random, found)
  return { at: match.index, length: match[0].length }
}

const spliced = (text: string, from: number, length: number, piece: string) =>
  text.slice(0, from) + piece + text.slice(from + length)
