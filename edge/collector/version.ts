/** What this collector calls itself towards the gateway. */
export const EDGE_VERSION = "0.1.0"
