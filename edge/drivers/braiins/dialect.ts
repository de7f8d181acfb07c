import type { Identity } from "../driver.ts"

/**
 * How a release is spoken to: REST from 25.07 on, GraphQL from 21.09, before that port 4028 alone. Versions are
 * `YYYY-MM-DD-N-hash-YY.MM[.p][-plus]`; a machine that told none says which interface it has instead.
 */
export type Dialect = "rest" | "graphql" | "rpc"

const FIRST_REST = 2507
const FIRST_GRAPHQL = 2109

/** `…-25.07-plus` → 2507; null where the version tells no release. */
export function releaseOf(version: string | null): number | null {
  const found = /(?:^|-)(\d{2})\.(\d{2})(?:\.\d+)*(?:-plus)?$/.exec(version ?? "")
  return found === null ? null : Number(found[1]) * 100 + Number(found[2])
}

export const REST_UNTOLD = "REST API"
export const GRAPHQL_UNTOLD = "GraphQL"

export function dialectOf({ firmwareVersion }: Pick<Identity, "firmwareVersion">): Dialect {
  const release = releaseOf(firmwareVersion)
  if (release !== null) return release >= FIRST_REST ? "rest" : release >= FIRST_GRAPHQL ? "graphql" : "rpc"
  if (firmwareVersion?.startsWith(REST_UNTOLD)) return "rest"
  return firmwareVersion?.startsWith(GRAPHQL_UNTOLD) ? "graphql" : "rpc"
}
