/** The web interface of the X19 and newer takes JSON; that of the X17 and older takes forms, and other ones. */
export type WebDialect = "modern" | "legacy"

/** By model, since both answer the same pages when read. An unknown model is taken for a modern one. */
export function webDialect(model: string | null): WebDialect {
  return model !== null && /^(?:S[1-9]|S1[1-7]|T9|T1[5-7]|L3|D3|DR[35]|V9|X3|Z9|Z11|B3)(?![0-9])/i.test(model)
    ? "legacy"
    : "modern"
}
