import { type LoaderFunctionArgs, redirect } from "@remix-run/node"
import { ProblemPage } from "#app/components/problem-page.tsx"
import { idOf } from "#app/lib/form-fields.ts"
import { reads } from "#app/lib/page.ts"
import { requireUser } from "#server/access/permission.ts"
import { findSite } from "#server/fleet/find-site.ts"

/** An older address of a site's page, by the site's number or slug; a foreign site is NOT_FOUND here already. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params }) => {
    requireUser(ctx)
    const given = params.id ?? ""
    const site = await findSite(ctx, /^\d+$/.test(given) ? { siteId: idOf(given) } : { slug: given })
    throw redirect(`/sites/${site.slug}`)
  })
}

export default function OlderAddress() {
  return null
}

export function ErrorBoundary() {
  return <ProblemPage />
}
