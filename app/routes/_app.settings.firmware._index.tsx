import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { ConfirmAction } from "#app/components/confirm-action.tsx"
import { familyName } from "#app/lib/family-name.ts"
import { formatBytes } from "#app/lib/format.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Tag } from "#app/ui/badge.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import { deleteArtifact } from "#server/firmware/delete-artifact.ts"
import { type ArtifactRow, listArtifacts } from "#server/firmware/list-artifacts.ts"

export const meta: MetaFunction = () => pageTitle("firmware.title")

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, ({ ctx }) => listArtifacts(ctx))
}

/** Deletes a file. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form }) => {
    const { fileName } = await deleteArtifact(ctx, { artifactId: form.text("artifactId") })
    const text = translator("en")("firmware.deleted", { file: fileName })
    return redirectWithNotice("/settings/firmware", { text })
  })
}

export default function Firmware() {
  const { artifacts, can } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const upload = (
    <ButtonLink to="/settings/firmware/new" look="primary">
      {t("firmware.upload")}
    </ButtonLink>
  )
  return (
    <>
      <PageHeader
        title={t("firmware.title")}
        note={t("firmware.note")}
        actions={can.manage && artifacts.length > 0 ? upload : null}
      />
      <Panel flush>
        {artifacts.length > 0 ? (
          <ArtifactTable artifacts={artifacts} canManage={can.manage} problem={problem} />
        ) : (
          <EmptyState title={t("firmware.none")} action={can.manage ? upload : null}>
            {can.manage ? t("firmware.noneBody") : t("firmware.noneBodyLook")}
          </EmptyState>
        )}
      </Panel>
    </>
  )
}

type Parts = { canManage: boolean; problem: FormProblem | null }

function ArtifactTable({ artifacts, ...parts }: Parts & { artifacts: ArtifactRow[] }) {
  const t = useT()
  return (
    <Table label={t("firmware.title")}>
      <thead>
        <tr>
          <Th>{t("firmware.file")}</Th>
          <Th>{t("firmware.version")}</Th>
          <Th>{t("firmware.for")}</Th>
          <Th numeric>{t("firmware.size")}</Th>
          <Th>{t("firmware.uploaded")}</Th>
          <Th>
            <span className="sr-only">{t("firmware.actions")}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {artifacts.map((artifact) => (
          <Artifact key={artifact.id} artifact={artifact} {...parts} />
        ))}
      </tbody>
    </Table>
  )
}

function Artifact({ artifact, canManage, problem }: Parts & { artifact: ArtifactRow }) {
  const t = useT()
  const { id, fileName, version, sha256, models } = artifact
  return (
    <Tr>
      <Td className="min-w-64 max-w-md">
        <span className="break-all font-medium">{fileName}</span>
        <code className="block break-all text-2xs text-muted" title={t("firmware.sha")}>
          {sha256}
        </code>
        {artifact.notes ? <p className="whitespace-pre-line text-xs text-muted">{artifact.notes}</p> : null}
      </Td>
      <Td className="whitespace-nowrap">{version}</Td>
      <Td className="whitespace-nowrap">
        <span className="flex flex-wrap gap-1">
          {artifact.families.map((family) => (
            <Tag key={family}>{familyName(family)}</Tag>
          ))}
        </span>
        <span className="block text-xs text-muted">
          {models.length > 0 ? models.join(", ") : t("firmware.anyModel")}
        </span>
      </Td>
      <Td numeric>{formatBytes(artifact.sizeBytes)}</Td>
      <Td className="whitespace-nowrap">
        <Ago at={artifact.uploadedAt} />
        {artifact.uploadedByName ? (
          <span className="block text-xs text-muted">
            {t("firmware.by", { name: artifact.uploadedByName })}
          </span>
        ) : null}
      </Td>
      <Td>
        <span className="flex justify-end gap-2">
          {canManage ? (
            <ConfirmAction
              button={t("firmware.delete")}
              size="sm"
              look="quiet"
              title={t("firmware.deleteTitle", { file: fileName })}
              fields={{ artifactId: id }}
              problem={problem}
              submit={t("firmware.delete")}
            >
              <p>{t("firmware.deleteBody", { version })}</p>
            </ConfirmAction>
          ) : null}
          <ButtonLink size="sm" to={`/commands/new?type=UPDATE_FIRMWARE&artifact_id=${id}`}>
            {t("firmware.update")}
          </ButtonLink>
        </span>
      </Td>
    </Tr>
  )
}
