import { isRouteErrorResponse, Link, useRouteError } from "@remix-run/react"
import type { Problem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import type { ErrorCode } from "#server/contract/errors.ts"

/** What any error of a page looks like: what it means, what to do; an internal one shows its request id and nothing else. */
export function ProblemPage() {
  const t = useT()
  const error = useRouteError()
  const { code, message, requestId } = problemFrom(error)
  return (
    <div className="py-6" data-problem>
      <p className="eyebrow">{statusOf(error)}</p>
      <h1 className="mt-1 text-xl font-semibold">{t(`shell.errors.${code}.title`)}</h1>
      <p className="mt-2 max-w-prose text-muted">{message ?? t(`shell.errors.${code}.body`)}</p>
      {code === "INTERNAL" && requestId ? (
        <p className="mt-2 font-mono text-xs">{t("common.requestId", { id: requestId })}</p>
      ) : null}
      <div className="mt-4 flex flex-wrap gap-2">
        {code === "UNAUTHENTICATED" ? (
          <ButtonLink to="/login" look="primary">
            {t("shell.errors.logIn")}
          </ButtonLink>
        ) : (
          <ButtonLink to="/">{t("shell.errors.home")}</ButtonLink>
        )}
        <Link to="" reloadDocument className="link self-center px-2">
          {t("common.retry")}
        </Link>
      </div>
    </div>
  )
}

function problemFrom(error: unknown): Problem {
  if (isRouteErrorResponse(error)) {
    if (isProblem(error.data)) return error.data
    const code: ErrorCode = error.status === 404 ? "NOT_FOUND" : error.status < 500 ? "INVALID" : "INTERNAL"
    return { code, message: null, requestId: "" }
  }
  return { code: "INTERNAL", message: null, requestId: "" }
}

function isProblem(data: unknown): data is Problem {
  return typeof data === "object" && data !== null && "code" in data && "requestId" in data
}

function statusOf(error: unknown): number {
  return isRouteErrorResponse(error) ? error.status : 500
}
