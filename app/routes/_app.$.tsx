import type { LoaderFunctionArgs } from "@remix-run/node"
import { ProblemPage } from "#app/components/problem-page.tsx"
import { reads } from "#app/lib/page.ts"
import { DomainError } from "#server/contract/errors.ts"

/** Every address that names nothing. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async () => {
    throw new DomainError("NOT_FOUND", "There is no such page.")
  })
}

export default function Nothing() {
  return null
}

export function ErrorBoundary() {
  return <ProblemPage />
}
