/**
 * Loaded into every process that the all-in-one starts: when the all-in-one is gone, however it went, this one stops
 * too, as on SIGTERM.
 */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"))
process.channel?.unref()
