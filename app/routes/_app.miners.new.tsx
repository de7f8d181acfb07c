import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { AddMinerForm } from "#app/components/add-miner.tsx"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { levelAt } from "#server/access/permission.ts"
import { DomainError } from "#server/contract/errors.ts"
import { addMiner } from "#server/fleet/add-miner.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("miners.add")

/** A machine added by hand, at the sites where the reader may edit machines. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    const sites = (await listSites(ctx)).filter(
      (site) => levelAt(ctx.actor, "MINER_EDIT", site.id) === "FULL",
    )
    if (sites.length === 0)
      throw new DomainError("FORBIDDEN", translator("en")("shell.errors.FORBIDDEN.body"))
    return { sites: sites.map(({ id, name }) => ({ id, name })) }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form }) => {
    const minerId = form.text("minerId")
    const label = form.textOrNull("label")
    const added = await addMiner(ctx, {
      siteId: form.number("siteId"),
      minerId,
      ipAddress: form.textOrNull("ipAddress"),
      label,
      place: form.textOrNull("place"),
      tags: form.words("tags"),
    })
    const text = translator("en")("miners.added", { name: label ?? minerId })
    return redirectWithNotice(`/miners/${added.id}`, { text })
  })
}

export default function AddMiner() {
  const { sites } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  return (
    <>
      <PageHeader title={t("miners.add")} trail={[{ to: "/miners", label: t("miners.title") }]} />
      <Panel className="max-w-2xl">
        <AddMinerForm sites={sites} problem={problem} />
      </Panel>
    </>
  )
}
