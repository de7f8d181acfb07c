/** @type {import("@remix-run/dev").AppConfig} */
export default {
  serverModuleFormat: "esm",
  serverPlatform: "node",
  tailwind: true,
  postcss: false,
  ignoredRouteFiles: ["**/*.test.ts", "**/*.test.tsx", "**/*.md"],
  // Everything under `#` stays external so that Node, Remix and the jobs share one module instance,
  // except `#app/*`, which is TSX and has to be bundled.
  serverDependenciesToBundle: [/^#app\//],
  future: {
    v3_fetcherPersist: true,
    v3_lazyRouteDiscovery: true,
    v3_relativeSplatPath: true,
    v3_singleFetch: true,
    v3_throwAbortReason: true,
  },
}
