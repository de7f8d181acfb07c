import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { ProblemPage } from "#app/components/problem-page.tsx"
import { PublicFrame, PublicStatus } from "#app/components/status-page.tsx"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { readStatusPage } from "#server/status/read-status-page.ts"

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle(null, data ? translator("en")("status.title", { name: data.name }) : undefined)

/** The public page of a site (`decisions.md` 31). */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, ({ ctx, params }) => readStatusPage(ctx, { slug: params.slug ?? "" }))
}

export default function Status() {
  return <PublicStatus page={useLoaderData<typeof loader>()} />
}

export function ErrorBoundary() {
  return (
    <PublicFrame>
      <ProblemPage />
    </PublicFrame>
  )
}
