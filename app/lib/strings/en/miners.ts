export const miners = { title: "Miners" } as const
