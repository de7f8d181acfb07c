const maps = new Map<number, string>()

/** ` ooo ooo …`, three chips to a group; a board that died is still seen, with every chip bad. */
export function chipMap(chips: number, alive: boolean): string {
  const key = alive ? chips : -chips
  let map = maps.get(key)
  if (map === undefined) {
    map = ""
    for (let i = 0; i < chips; i++) map += (i % 3 === 0 ? " " : "") + (alive ? "o" : "x")
    maps.set(key, map)
  }
  return map
}
