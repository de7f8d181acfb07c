import type { LoaderFunctionArgs } from "@remix-run/node"
import { reads } from "#app/lib/page.ts"
import { DomainError } from "#server/contract/errors.ts"
import { readMiner } from "#server/fleet/read-miner.ts"

/** For a live notice: what the machine that went or came back is called, if it is only one. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const number = (name: string) => Math.max(0, Math.trunc(Number(url.searchParams.get(name))) || 0)
    const said = {
      change: url.searchParams.get("change") === "online" ? ("online" as const) : ("offline" as const),
      count: number("count"),
      asked: number("asked"),
    }
    const minerId = number("id")
    if (minerId === 0) return { ...said, name: null, minerId: null }
    try {
      const { miner } = await readMiner(ctx, { minerId })
      return { ...said, name: miner.name, minerId }
    } catch (error) {
      // It was taken from the reader's sight meanwhile: nothing to tell.
      if (error instanceof DomainError && error.code === "NOT_FOUND")
        return { ...said, count: 0, name: null, minerId: null }
      throw error
    }
  })
}
