import type { Company } from "./company.ts"

/** What came back, in one word: a status, `login`, or where it leads. */
export type Outcome = number | "login" | `to ${string}`
export type Answer = { outcome: Outcome; text: string; headers: Headers }

type Asked = {
  cookie?: string | null
  origin?: string | null
  headers?: Record<string, string>
  file?: { field: string; name: string; text: string } | undefined
}

/** Reads an address as a browser does, or sends a form to it. Redirects are not followed. */
export async function ask(
  company: Company,
  path: string,
  form: Record<string, string> | null,
  { cookie, origin, headers, file }: Asked = {},
): Promise<Answer> {
  const from = origin === undefined ? company.url : origin
  const answer = await fetch(company.url + path, {
    method: form ? "POST" : "GET",
    redirect: "manual",
    headers: { ...(cookie ? { cookie } : {}), ...(form && from ? { origin: from } : {}), ...headers },
    ...(form ? { body: file ? withFile(form, file) : new URLSearchParams(form) } : {}),
  })
  const text = await answer.text()
  return {
    outcome: outcomeOf(answer.status, answer.headers.get("location"), text),
    text,
    headers: answer.headers,
  }
}

/** The file last, as in the page's form. */
function withFile(form: Record<string, string>, file: NonNullable<Asked["file"]>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(form)) data.append(name, value)
  data.append(file.field, new Blob([file.text]), file.name)
  return data
}

/** The address under which the browser's own code reads the same page, all of it or the loader of one route alone. */
export function dataPath(path: string, route?: string): string {
  const [page = "", search] = path.split("?")
  const query = new URLSearchParams(search)
  if (route) query.set("_routes", `routes/${route}`)
  const data = page === "/" ? "/_root.data" : `${page}.data`
  return query.size > 0 ? `${data}?${query}` : data
}

/** A navigation's redirect is an answer 202 whose body names the address. */
function outcomeOf(status: number, location: string | null, text: string): Outcome {
  const to =
    status === 202
      ? /"redirect","([^"]+)"/.exec(text)?.[1]
      : status > 300 && status < 400
        ? location
        : undefined
  if (!to) return status
  return /^\/login(\?|$)/.test(to) ? "login" : `to ${to}`
}
