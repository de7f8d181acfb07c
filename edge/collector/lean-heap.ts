import v8 from "node:v8"

/**
 * First import of the collector: it shares a small machine with the site's other services. A young generation that
 * does not grow costs nothing measurable here and keeps about 20 MB.
 */
v8.setFlagsFromString("--max-semi-space-size=2")
v8.setFlagsFromString("--semi-space-growth-factor=1")
