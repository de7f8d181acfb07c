import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { data } from "@remix-run/node"
import {
  Links,
  LiveReload,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useRouteLoaderData,
} from "@remix-run/react"
import type { ReactNode } from "react"
import { ProblemPage } from "#app/components/problem-page.tsx"
import { useNonce } from "#app/lib/nonce.ts"
import { readNotice, TAKE_NOTICE_OFF } from "#app/lib/notice.ts"
import { NowProvider } from "#app/lib/now.tsx"
import { readTheme } from "#app/lib/theme.ts"
import { ToastProvider } from "#app/ui/toast.tsx"
import stylesheet from "./styles/app.css"

export const links: LinksFunction = () => [
  { rel: "stylesheet", href: stylesheet },
  { rel: "icon", href: "/favicon.ico", sizes: "64x64" },
]

export const meta: MetaFunction = () => [{ title: "Lamproom" }]

export async function loader({ request }: LoaderFunctionArgs) {
  const notice = readNotice(request)
  return data(
    { theme: readTheme(request), notice, serverNow: Date.now() },
    notice ? { headers: { "Set-Cookie": TAKE_NOTICE_OFF } } : undefined,
  )
}

export function Layout({ children }: { children: ReactNode }) {
  const root = useRouteLoaderData<typeof loader>("root")
  const nonce = useNonce()
  return (
    <html lang="en" data-theme={root?.theme ?? "system"}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <Meta />
        <Links />
      </head>
      <body>
        <NowProvider serverNow={root?.serverNow ?? 0}>{children}</NowProvider>
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
        <LiveReload nonce={nonce} />
      </body>
    </html>
  )
}

export default function App() {
  const root = useRouteLoaderData<typeof loader>("root")
  return (
    <ToastProvider notice={root?.notice ?? null}>
      <Outlet />
    </ToastProvider>
  )
}

export function ErrorBoundary() {
  return (
    <main id="content" className="mx-auto max-w-xl px-4 py-16">
      <ProblemPage />
    </main>
  )
}
