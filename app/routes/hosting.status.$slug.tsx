/** The public page of a site under its older address. */
export { default, ErrorBoundary, loader, meta } from "./status.$slug.tsx"
