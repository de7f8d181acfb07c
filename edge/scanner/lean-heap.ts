import v8 from "node:v8"

/**
 * First import of the scan command: a scan makes and drops hundreds of thousands of sockets, and a young generation that
 * does not grow keeps a third of the memory at the same speed.
 */
v8.setFlagsFromString("--max-semi-space-size=4")
v8.setFlagsFromString("--semi-space-growth-factor=1")
