import { type LoaderFunctionArgs, redirect } from "@remix-run/node"
import { reads } from "#app/lib/page.ts"
import { requireUser } from "#server/access/permission.ts"

/** An older address of the pages on which machines are controlled. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    requireUser(ctx)
    return redirect("/commands")
  })
}
