/**
 * The repairs of `parseLenientJson`, each a pure function over tokens: null when there is nothing of its kind to
 * mend. A token is a punctuation mark, a whole string literal, or a bare word; string contents are never looked into.
 */
export type Token = { kind: "punctuation" | "string" | "word"; text: string; closed: boolean }

export type Repair =
  | "control-characters"
  | "missing-commas"
  | "stray-commas"
  | "bare-words"
  | "missing-brace"
  | "single-quotes"
  | "odd-numbers"
  | "pairs-in-array"
  | "truncated"

const PUNCTUATION = new Set(["{", "}", "[", "]", ":", ","])
const SPACE = /[\s\p{Cc}]/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this repair is about
const CONTROL = /[\u0000-\u001f]/

/** Null when there are more than `max` tokens. Control characters inside strings become blanks, outside they part tokens. */
export function tokenize(text: string, max: number, quote = '"'): Token[] | null {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const char = text[at]!
    const start = at
    if (SPACE.test(char)) {
      at += 1
      continue
    }
    if (tokens.length >= max) return null
    if (PUNCTUATION.has(char)) {
      at += 1
      tokens.push({ kind: "punctuation", text: char, closed: true })
    } else if (char === quote) {
      at += 1
      while (at < text.length && text[at] !== quote) at += text[at] === "\\" ? 2 : 1
      at = Math.min(at + 1, text.length)
      const raw = text.slice(start, at)
      const closed = raw.length > 1 && raw.endsWith(quote) && !endsEscaped(raw)
      tokens.push({ kind: "string", text: literal(raw, quote, closed), closed })
    } else {
      while (at < text.length && !PUNCTUATION.has(text[at]!) && text[at] !== quote && !SPACE.test(text[at]!))
        at += 1
      tokens.push({ kind: "word", text: text.slice(start, at), closed: at < text.length })
    }
  }
  return tokens
}

function endsEscaped(raw: string): boolean {
  let backslashes = 0
  for (let at = raw.length - 2; at > 0 && raw[at] === "\\"; at -= 1) backslashes += 1
  return backslashes % 2 === 1
}

function literal(raw: string, quote: string, closed: boolean): string {
  const clean = CONTROL.test(raw) ? raw.replace(/\p{Cc}/gu, " ") : raw
  if (quote === '"' || !closed) return clean
  return `"${clean.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"`
}

export function write(tokens: Token[]): string {
  return tokens.map((token) => token.text).join(" ")
}

const mark = (text: string): Token => ({ kind: "punctuation", text, closed: true })
const word = (text: string): Token => ({ kind: "word", text, closed: true })
const is = (token: Token | undefined, texts: string) =>
  token?.kind === "punctuation" && texts.includes(token.text)
const endsValue = (token: Token | undefined) =>
  token !== undefined && (token.kind !== "punctuation" || is(token, "}]"))
const startsValue = (token: Token | undefined) =>
  token !== undefined && (token.kind !== "punctuation" || is(token, "{["))

/** Copies the tokens, letting `visit` put something before, instead of or after each; null when all stayed as they were. */
function rewrite(
  tokens: Token[],
  visit: (token: Token, at: number, out: Token[]) => Token[],
): Token[] | null {
  const out: Token[] = []
  let changed = false
  tokens.forEach((token, at) => {
    const next = visit(token, at, out)
    if (next.length !== 1 || next[0] !== token) changed = true
    for (const each of next) out.push(each)
  })
  return changed ? out : null
}

/** The tokenizer has already cleaned them; this only tells whether there were any that JSON does not allow. */
function withoutControls(tokens: Token[], source: string): Token[] | null {
  let raw = 0
  for (const char of source) if (char < " ") raw += 1
  if (raw === 0) return null
  const between = source.split(/"(?:[^"\\]|\\[\s\S])*"?/).join("")
  let harmless = 0
  for (const char of between) if (char === "\n" || char === "\r" || char === "\t") harmless += 1
  return raw > harmless ? tokens : null
}

/** `}{`, `]"`, `"a""b":` and the like: a value directly after a value. */
function insertCommas(tokens: Token[]): Token[] | null {
  return rewrite(tokens, (token, _at, out) =>
    startsValue(token) && endsValue(out.at(-1)) ? [mark(","), token] : [token],
  )
}

/** `,}` `,]` `[,` `{,` `,,`. A comma after a colon is a missing value, which is not this repair's. */
function dropCommas(tokens: Token[]): Token[] | null {
  return rewrite(tokens, (token, at, out) =>
    is(token, ",") && at > 0 && (is(tokens[at + 1], "}]") || is(out.at(-1), "[{,")) ? [] : [token],
  )
}

const NOT_A_VALUE = /^(?:[+-]?nan|[+-]?inf(?:inity)?|undefined|-+)(?:\([a-z0-9]*\))?$/i

/** `nan`, `-inf`, `undefined`, `-`, and nothing at all where a value should stand: null. */
function nullBareWords(tokens: Token[]): Token[] | null {
  return rewrite(tokens, (token, at) => {
    if (token.kind === "word" && NOT_A_VALUE.test(token.text)) return [word("null")]
    return is(token, ":") && is(tokens[at + 1], ",}]") ? [token, word("null")] : [token]
  })
}

/** A body that begins with `,"POOLS":[` or `"POOLS":[` has lost its first brace. */
function addBrace(tokens: Token[]): Token[] | null {
  const body = is(tokens[0], ",") ? tokens.slice(1) : tokens
  return body[0]?.kind === "string" && is(body[1], ":") ? [mark("{"), ...body] : null
}

function doubleQuotes(_tokens: Token[], source: string): Token[] | null {
  if (source.includes('"') || !source.includes("'")) return null
  return tokenize(source, source.length, "'")
}

/** `007`, `+5`, `.5` become texts, and so does `1,234` where an object's value stands. */
function quoteNumbers(tokens: Token[]): Token[] | null {
  let skip = 0
  return rewrite(tokens, (token, at) => {
    if (skip > 0) {
      skip -= 1
      return []
    }
    if (token.kind !== "word") return [token]
    let digits = token.text
    if (is(tokens[at - 1], ":") && /^[+-]?\d{1,3}$/.test(digits))
      while (is(tokens[at + skip + 1], ",") && /^\d{3}(?:\.\d+)?$/.test(tokens[at + skip + 2]?.text ?? "")) {
        digits += `,${tokens[at + skip + 2]!.text}`
        skip += 2
      }
    const odd = skip > 0 || /^(?:[+-]?0\d[\d.]*|\+[\d.]+|-?\.\d+|-?\d+\.)$/.test(digits)
    return odd ? [{ kind: "string", text: `"${digits}"`, closed: true }] : [token]
  })
}

/** `["218":"2024-01-01"]` was meant as `{"218":"2024-01-01"}`. */
function bracePairs(tokens: Token[]): Token[] | null {
  const open: boolean[] = []
  return rewrite(tokens, (token, at) => {
    if (is(token, "{[")) {
      const pairs = is(token, "[") && tokens[at + 1]?.kind === "string" && is(tokens[at + 2], ":")
      open.push(pairs)
      return pairs ? [mark("{")] : [token]
    }
    if (is(token, "}]")) return open.pop() === true && is(token, "]") ? [mark("}")] : [token]
    return [token]
  })
}

/** Drops the member that was cut and closes what is open. */
function closeTail(tokens: Token[]): Token[] | null {
  const open: string[] = []
  for (const token of tokens) {
    if (is(token, "{[")) open.push(token.text === "{" ? "}" : "]")
    else if (is(token, "}]") && open.pop() !== token.text) return null
  }
  const last = tokens.at(-1)
  if (open.length === 0 || last === undefined) return null
  const out = [...tokens]
  if (!last.closed) out.pop()
  if (is(out.at(-1), ":")) out.splice(-2)
  if (is(out.at(-1), ",")) out.pop()
  // A key whose colon was cut off: a string in an object after a comma or the brace.
  if (open.at(-1) === "}" && out.at(-1)?.kind === "string" && is(out.at(-2), "{,")) out.pop()
  if (is(out.at(-1), ",")) out.pop()
  return [...out, ...open.reverse().map(mark)]
}

/** In the order of the quirk catalogue; the first only re-writes what `tokenize` already cleaned. */
export const repairPasses: { name: Repair; mend: (tokens: Token[], source: string) => Token[] | null }[] = [
  { name: "control-characters", mend: withoutControls },
  { name: "missing-commas", mend: insertCommas },
  { name: "stray-commas", mend: dropCommas },
  { name: "bare-words", mend: nullBareWords },
  { name: "missing-brace", mend: addBrace },
  { name: "single-quotes", mend: doubleQuotes },
  { name: "odd-numbers", mend: quoteNumbers },
  { name: "pairs-in-array", mend: bracePairs },
  { name: "truncated", mend: closeTail },
]
