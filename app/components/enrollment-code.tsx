import { formatExact } from "#app/lib/format.ts"
import { useNow } from "#app/lib/now.tsx"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { Icon } from "#app/ui/icon.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { CopyButton, CopyLine } from "./copy-button.tsx"

export type MadeCode = {
  ok: true
  code: string
  expiresAt: Date
  deviceName: string
  siteName: string
  zone: string
  serverUrl: string
}

/** A fresh enrollment code with what to type; `enrolledId` is the collector once it has used it. */
export function EnrollmentCode({
  made,
  enrolledId,
  again,
}: {
  made: MadeCode
  enrolledId: number | null
  again: string
}) {
  const t = useT()
  const now = useNow()
  const expiresAt = new Date(made.expiresAt)
  const settings = `LAMPROOM_SERVER_URL=${made.serverUrl} LAMPROOM_ENROLL_CODE=${made.code}`
  const loopback = /^http:\/\/(127\.|localhost|\[::1\])/.test(made.serverUrl)
  return (
    <Panel title={t("collectors.enrolling.codeTitle", { name: made.deviceName, site: made.siteName })}>
      <div className="space-y-4">
        <div className="flex flex-wrap items-center gap-3">
          <output className="select-all rounded border border-line bg-raised px-4 py-2 font-mono text-xl font-semibold tracking-wider">
            {made.code}
          </output>
          <CopyButton text={made.code} />
        </div>
        <p className="text-muted">
          {t("collectors.enrolling.once", { time: formatExact(expiresAt, made.zone) })}
        </p>
        <div className="space-y-3">
          <p className="font-medium">{t("collectors.enrolling.atMachine")}</p>
          <div>
            <p className="mb-1 text-xs text-muted">{t("collectors.enrolling.fromCheckout")}</p>
            <CopyLine text={`${settings} npm run collector`} label={t("collectors.enrolling.fromCheckout")} />
          </div>
          <div>
            <p className="mb-1 text-xs text-muted">{t("collectors.enrolling.fromFile")}</p>
            <CopyLine
              text={`${settings} node lamproom-collector.mjs`}
              label={t("collectors.enrolling.fromFile")}
            />
            <p className="mt-1 text-xs text-muted">{t("collectors.enrolling.fromFileHint")}</p>
          </div>
          {loopback ? <Alert tone="info">{t("collectors.enrolling.notLoopback")}</Alert> : null}
        </div>
        {enrolledId !== null ? (
          <Alert tone="ok">
            {t("collectors.enrolling.connected", { name: made.deviceName })}{" "}
            <ButtonLink size="sm" to={`/collectors/${enrolledId}`}>
              {t("collectors.enrolling.open")}
            </ButtonLink>
          </Alert>
        ) : now > expiresAt.getTime() ? (
          <Alert tone="warn">
            {t("collectors.enrolling.expired")}{" "}
            <ButtonLink size="sm" to={again} reloadDocument>
              {t("collectors.enrolling.another")}
            </ButtonLink>
          </Alert>
        ) : (
          <p role="status" className="flex items-center gap-2 text-muted">
            <Icon name="clock" />
            {t("collectors.enrolling.waiting")}
          </p>
        )}
      </div>
    </Panel>
  )
}
