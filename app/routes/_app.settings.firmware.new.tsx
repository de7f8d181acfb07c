import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useNavigation } from "@remix-run/react"
import { familyName } from "#app/lib/family-name.ts"
import { formatBytes } from "#app/lib/format.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { receives } from "#app/lib/receives.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { Checkbox, TextArea, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { requireAdmin } from "#server/access/permission.ts"
import { DRIVER_FAMILIES, isDriverFamily } from "#server/contract/families.ts"
import { uploadArtifact } from "#server/firmware/upload-artifact.ts"

export const meta: MetaFunction = () => pageTitle("firmware.new.title")

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    requireAdmin(ctx)
    return null
  })
}

/** The file goes into the database while it comes in. */
export async function action(args: ActionFunctionArgs) {
  return receives(args, requireAdmin, async ({ ctx, form, file }) => {
    const { sha256, sizeBytes } = await uploadArtifact(ctx, {
      fileName: file.fileName,
      version: form.text("version"),
      notes: form.textOrNull("notes"),
      families: form.all("families").filter(isDriverFamily),
      models: form.words("models"),
      stream: file.stream,
    })
    return redirectWithNotice("/settings/firmware", {
      text: translator("en")("firmware.stored", {
        file: file.fileName,
        size: formatBytes(sizeBytes),
        sha: sha256,
      }),
    })
  })
}

export default function NewFirmware() {
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const { state } = useNavigation()
  return (
    <>
      <PageHeader
        trail={[{ to: "/settings/firmware", label: t("firmware.title") }]}
        title={t("firmware.new.title")}
        note={t("firmware.new.body")}
      />
      <ActionForm problem={problem} encType="multipart/form-data" className="max-w-2xl space-y-4">
        <Panel title={t("firmware.new.about")}>
          <div className="space-y-4">
            <TextField
              label={t("firmware.version")}
              hint={t("firmware.new.versionHint")}
              name="version"
              required
              maxLength={64}
              autoComplete="off"
              defaultValue={problem?.values.version}
              error={errorAt(problem, "version")}
            />
            <Families error={errorAt(problem, "families")} />
            <TextField
              label={t("firmware.new.models")}
              hint={t("firmware.new.modelsHint")}
              name="models"
              autoComplete="off"
              defaultValue={problem?.values.models}
              error={errorAt(problem, "models")}
            />
            <TextArea
              label={t("firmware.new.notes")}
              hint={t("firmware.new.notesHint")}
              name="notes"
              maxLength={2000}
              defaultValue={problem?.values.notes}
              error={errorAt(problem, "notes")}
            />
          </div>
        </Panel>
        {/* The last field: what stands before it is known when its first byte comes in. */}
        <Panel title={t("firmware.new.file")}>
          <TextField
            label={t("firmware.new.file")}
            labelHidden
            hint={t("firmware.new.fileHint")}
            name="file"
            type="file"
            required
            error={errorAt(problem, "file") ?? errorAt(problem, "fileName")}
          />
        </Panel>
        <div className="flex gap-2">
          <SubmitButton>
            {state === "submitting" ? t("firmware.new.sending") : t("firmware.new.submit")}
          </SubmitButton>
          <ButtonLink to="/settings/firmware" look="quiet">
            {t("firmware.new.cancel")}
          </ButtonLink>
        </div>
      </ActionForm>
    </>
  )
}

function Families({ error }: { error: string | null }) {
  const t = useT()
  return (
    <fieldset>
      <legend className="mb-1 text-xs font-medium text-muted">{t("firmware.new.families")}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {DRIVER_FAMILIES.map((family) => (
          <Checkbox key={family} name="families" value={family} label={familyName(family)} />
        ))}
      </div>
      <p className="mt-1 text-xs text-muted">{t("firmware.new.familiesHint")}</p>
      {error ? <p className="mt-1 text-xs font-medium text-bad">{error}</p> : null}
    </fieldset>
  )
}
