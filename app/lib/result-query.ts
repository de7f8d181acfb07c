import { RESULT_FILTERS, RESULT_SORTS } from "#server/contract/command-list.ts"

/** `?result=&wave=&q=&sort=&dir=&page=` of a command's page; what cannot be right is left out. */
export function resultQueryOf(search: URLSearchParams) {
  const number = (name: string) => {
    const text = search.get(name) ?? ""
    return /^[1-9]\d{0,4}$/.test(text) ? Number(text) : null
  }
  return {
    status: RESULT_FILTERS.find((one) => one === search.get("result")) ?? null,
    wave: number("wave"),
    q: search.get("q")?.trim().slice(0, 200) || null,
    sort: RESULT_SORTS.find((one) => one === search.get("sort")) ?? ("status" as const),
    dir: search.get("dir") === "desc" ? ("desc" as const) : ("asc" as const),
    page: number("page") ?? 1,
  }
}
