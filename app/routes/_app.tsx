import { type LoaderFunctionArgs, redirect } from "@remix-run/node"
import { Form, Link, Outlet, useLoaderData, useLocation } from "@remix-run/react"
import { useEffect, useRef } from "react"
import { LiveUpdates } from "#app/components/live-updates.tsx"
import { Navigation } from "#app/components/navigation.tsx"
import { ProblemPage } from "#app/components/problem-page.tsx"
import { Wordmark } from "#app/components/wordmark.tsx"
import { navigationFor } from "#app/lib/navigation.ts"
import { NowProvider } from "#app/lib/now.tsx"
import { reads } from "#app/lib/page.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Icon } from "#app/ui/icon.tsx"
import { Menu, menuItem } from "#app/ui/menu.tsx"
import { countApprovals } from "#server/commands/count-approvals.ts"

/** The frame of every page behind the login. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    if (ctx.actor.kind !== "user") {
      const here = url.pathname + url.search
      throw redirect(here === "/" ? "/login" : `/login?to=${encodeURIComponent(here)}`)
    }
    const names = navigationFor(ctx.actor)
    return {
      names,
      openApprovals: names.includes("approvals") ? await countApprovals(ctx) : null,
      user: { name: ctx.actor.name, email: ctx.actor.email },
      serverNow: ctx.now().getTime(),
    }
  })
}

export default function AppLayout() {
  const { names, openApprovals, user, serverNow } = useLoaderData<typeof loader>()
  const t = useT()
  return (
    <NowProvider serverNow={serverNow}>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:left-2 focus:top-2 focus:z-50 focus:rounded focus:bg-surface focus:px-3 focus:py-2 focus:shadow-float"
      >
        {t("shell.skip")}
      </a>
      <div className="lg:grid lg:min-h-screen lg:grid-cols-[13rem_minmax(0,1fr)]">
        <div className="hidden border-r border-line bg-surface lg:block">
          <div className="sticky top-0 flex h-screen flex-col gap-4 overflow-y-auto p-3">
            <Link to="/" className="px-2 pt-1">
              <Wordmark />
            </Link>
            <Navigation names={names} openApprovals={openApprovals} />
          </div>
        </div>
        <div className="min-w-0">
          <header className="sticky top-0 z-20 flex h-11 items-center gap-3 border-b border-line bg-surface px-3 lg:px-5">
            <MobileNavigation names={names} openApprovals={openApprovals} />
            <Link to="/" className="lg:hidden">
              <Wordmark />
            </Link>
            <div className="ml-auto flex items-center gap-3">
              <LiveUpdates />
              <AccountMenu user={user} />
            </div>
          </header>
          <main id="content" tabIndex={-1} className="px-3 py-4 focus:outline-none lg:px-5">
            <Outlet />
          </main>
        </div>
      </div>
    </NowProvider>
  )
}

type Frame = ReturnType<typeof useLoaderData<typeof loader>>

function MobileNavigation({ names, openApprovals }: Pick<Frame, "names" | "openApprovals">) {
  const t = useT()
  const box = useRef<HTMLDetailsElement>(null)
  const { key } = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new location closes it
  useEffect(() => {
    if (box.current) box.current.open = false
  }, [key])
  return (
    <details ref={box} className="lg:hidden">
      <summary
        aria-label={t("shell.menu")}
        className="flex h-8 w-8 cursor-pointer items-center justify-center rounded border border-edge/50"
      >
        <Icon name="menu" />
      </summary>
      <div className="absolute inset-x-0 top-11 border-b border-line bg-surface p-3 shadow-float">
        <Navigation names={names} openApprovals={openApprovals} />
      </div>
    </details>
  )
}

function AccountMenu({ user }: Pick<Frame, "user">) {
  const t = useT()
  return (
    <Menu
      label={`${t("shell.account")}: ${user.name}`}
      button={
        <>
          <Icon name="user" />
          <span className="hidden max-w-40 truncate sm:inline">{user.name}</span>
          <Icon name="down" className="h-3 w-3" />
        </>
      }
    >
      <p className="border-b border-line px-2 pb-1.5 pt-1 text-xs text-muted">{user.email}</p>
      <Link to="/account" className={menuItem}>
        {t("shell.account")}
      </Link>
      <Form method="post" action="/logout">
        <button type="submit" className={menuItem}>
          {t("shell.logOut")}
        </button>
      </Form>
    </Menu>
  )
}

export function ErrorBoundary() {
  const t = useT()
  return (
    <>
      <header className="flex h-11 items-center border-b border-line bg-surface px-4">
        <Link to="/" aria-label={t("shell.nav.overview")}>
          <Wordmark />
        </Link>
      </header>
      <main id="content" className="mx-auto max-w-2xl px-4">
        <ProblemPage />
      </main>
    </>
  )
}
