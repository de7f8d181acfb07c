import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { SiteText, TimeZoneList } from "#app/components/site-fields.tsx"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { timeZones } from "#app/lib/time-zones.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { ActionForm, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { requireAdmin } from "#server/access/permission.ts"
import { createSite } from "#server/sites/create-site.ts"

export const meta: MetaFunction = () => pageTitle("sites.create.title")

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    requireAdmin(ctx)
    return { zones: timeZones() }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form }) => {
    const name = form.text("name")
    const { slug } = await createSite(ctx, {
      name,
      slug: form.text("slug"),
      location: form.textOrNull("location"),
      timezone: form.text("timezone"),
    })
    return redirectWithNotice(`/sites/${slug}`, { text: translator("en")("sites.create.created", { name }) })
  })
}

export default function NewSite() {
  const { zones } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  return (
    <>
      <PageHeader
        trail={[{ to: "/sites", label: t("sites.title") }]}
        title={t("sites.create.title")}
        note={t("sites.create.body")}
      />
      <div className="max-w-xl">
        <Panel>
          <ActionForm problem={problem} className="space-y-4">
            <SiteText name="name" problem={problem} required maxLength={100} />
            <SiteText name="slug" problem={problem} required maxLength={50} />
            <SiteText name="location" problem={problem} maxLength={200} />
            <SiteText name="timezone" site={{ timezone: "UTC" }} problem={problem} required list="zones" />
            <TimeZoneList id="zones" zones={zones} />
            <div className="flex gap-2">
              <SubmitButton>{t("sites.create.submit")}</SubmitButton>
              <ButtonLink to="/sites" look="quiet">
                {t("common.cancel")}
              </ButtonLink>
            </div>
          </ActionForm>
        </Panel>
      </div>
    </>
  )
}
