import { type LoaderFunctionArgs, redirect } from "@remix-run/node"
import { reads } from "#app/lib/page.ts"
import { requireUser } from "#server/access/permission.ts"

/** An older address of the list of machines. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    requireUser(ctx)
    return redirect(`/miners${url.search}`)
  })
}
