/**
 * Boards × chips by series and hardware version (last digit written as 0), and fans by series; a catalogue, not a
 * reading. 0 fans: hydro or immersion. `?`: nobody has counted the chips.
 */
const SERIES: Record<string, readonly [fans: number, versions: string]> = {
  M20P: [2, "V10 3x156, V30 3x148"],
  "M20S+": [2, "V30 3x?"],
  M20S: [2, "V10 3x105, V20 3x111, V30 3x140"],
  M20: [2, "V10 3x70"],
  "M21S+": [2, "V20 3x?"],
  M21S: [2, "V20 3x66, V60 3x105, V70 3x111"],
  M21: [2, "V10 3x33"],
  M29: [2, "V10 3x50"],
  M30K: [2, "V10 4x240"],
  M30L: [2, "V10 4x144"],
  "M30S++": [
    2,
    "V10 4x255, V20 4x255, VE30 3x215, VE40 3x225, VE50 3x235, VF40 3x156, VG30 3x111, " +
      "VG40 3x117, VG50 3x123, VH10 3x82, VH100 3x82, VH110 3x105, VH20 3x86, VH30 3x111, " +
      "VH40 3x70, VH50 3x74, VH60 3x78, VH70 3x70, VH80 3x74, VH90 3x78, VHA0 3x82, VHB0 3x105, " +
      "VI30 3x111, VJ20 3x70, VJ30 3x74, VJ50 3x82, VJ60 3x111, VJ70 3x117, VK20 3x78, " +
      "VK30 2x74, VK40 3x105",
  ],
  "M30S+": [
    2,
    "V10 3x215, V100 3x215, V20 3x255, V30 3x?, V40 3x235, V50 3x225, V60 3x245, V70 3x235, " +
      "V80 3x245, V90 3x225, VA0 3x215, VE100 3x?, VE30 3x148, VE40 3x156, VE50 3x164, " +
      "VE60 3x172, VE70 3x?, VE80 3x?, VE90 3x?, VF20 3x111, VF30 3x117, VG20 3x82, VG30 3x78, " +
      "VG40 3x105, VG50 3x111, VG60 3x86, VH10 3x64, VH20 3x66, VH30 3x70, VH40 3x74, VH50 3x64, " +
      "VH60 3x66, VH70 3x70, VI30 3x86, VJ30 3x105, VJ40 3x117",
  ],
  M30S: [
    2,
    "V10 3x148, V20 3x156, V30 3x164, V40 3x172, V50 3x156, V60 3x164, V70 3x?, V80 3x129, " +
      "VE10 3x105, VE20 3x111, VE30 3x117, VE40 3x123, VE50 3x129, VE60 3x?, VE70 3x?, " +
      "VF10 3x70, VF20 3x74, VF30 3x78, VG10 3x66, VG20 3x70, VG30 3x74, VG40 3x78, VH10 3x64, " +
      "VH20 3x66, VH30 3x?, VH40 3x64, VH50 3x66, VH60 3x70, VI20 3x70, VJ30 3x105",
  ],
  M30: [2, "V10 3x105, V20 3x111"],
  M31H: [2, "V10 3x114, V40 4x136"],
  M31L: [2, "V10 4x144"],
  "M31S+": [
    2,
    "V10 3x105, V100 3x111, V20 3x111, V30 3x117, V40 3x123, V50 3x148, V60 3x156, V80 3x129, " +
      "V90 3x117, VA0 3x111, VE10 3x82, VE20 3x78, VE30 3x105, VE40 3x111, VE50 3x117, VE60 3x?, " +
      "VE80 3x?, VF20 3x66, VF30 3x?, VG20 3x66, VG30 3x70",
  ],
  M31SE: [2, "V10 3x82, V20 3x78, V30 3x78"],
  M31S: [
    2,
    "V10 3x105, V20 3x111, V30 3x117, V40 3x123, V50 3x78, V60 3x105, V70 3x111, V80 3x?, " +
      "V90 3x117, VE10 3x70, VE20 3x74, VE30 3x?",
  ],
  M31: [2, "V10 3x70, V20 3x74"],
  M32: [2, "V10 3x78, V20 3x74"],
  "M33S++": [0, "VG40 4x174, VH20 4x112, VH30 3x?"],
  "M33S+": [0, "VG20 4x112, VG30 4x162, VH20 4x100, VH30 3x?"],
  M33S: [0, "VG30 4x116"],
  M33: [0, "V10 3x33, V20 3x62, V30 3x66"],
  "M34S+": [0, "VE10 4x116"],
  "M36S++": [0, "VH30 4x80"],
  "M36S+": [0, "VG30 4x108"],
  M36S: [0, "VE10 4x114"],
  M39: [0, "V10 3x50, V20 3x54, V30 3x68"],
  "M50S++": [
    2,
    "VK10 3x117, VK20 3x123, VK30 3x156, VK40 3x129, VK50 3x135, VK60 3x111, VL10 3x82, " +
      "VL20 3x86, VL30 3x111, VL40 3x117, VL50 3x105, VL60 3x111",
  ],
  "M50S+": [
    2,
    "VH30 3x172, VH40 3x180, VJ30 3x156, VJ40 3x164, VJ60 3x164, VK10 3x111, VK20 3x117, " +
      "VK30 3x123, VL10 3x82, VL20 3x86, VL30 3x105",
  ],
  M50S: [
    2,
    "VH10 3x?, VH20 3x135, VH30 3x156, VH40 3x148, VH50 3x135, VJ10 3x111, VJ20 3x117, " +
      "VJ30 3x123, VJ40 3x129, VJ50 3x135, VK10 3x78, VK20 3x111, VK30 3x117, VK50 3x105, " +
      "VK60 3x111, VK70 3x123, VK80 3x86, VL10 3x74, VL20 3x78, VL30 3x82",
  ],
  M50: [
    2,
    "VE30 4x255, VG30 3x156, VH10 3x86, VH20 3x111, VH30 3x117, VH40 3x84, VH50 3x105, " +
      "VH60 3x84, VH70 3x105, VH80 3x111, VH90 3x117, VJ10 3x86, VJ20 3x111, VJ30 3x117, " +
      "VJ40 3x123, VJ60 3x164, VK40 3x111, VK50 3x117",
  ],
  "M51S+": [2, "VL30 3x117"],
  "M52S++": [0, "VL10 4x87"],
  M52S: [0, "VK30 4x62"],
  M53H: [0, "VH10 4x56"],
  "M53S++": [
    0,
    "VK10 4x198, VK20 4x192, VK30 4x240, VK50 4x186, VK70 4x216, VL10 4x128, VL30 4x174, " +
      "VL40 4x168, VL60 4x128, VL80 4x144",
  ],
  "M53S+": [0, "VJ30 4x240, VJ40 4x248, VJ50 4x264, VK30 4x168"],
  M53S: [0, "VH20 4x198, VH30 4x204, VH40 4x228, VJ30 4x180, VJ40 4x192, VJ50 4x228, VK30 4x128"],
  M53: [0, "VH30 4x128, VH40 4x174, VH50 4x162, VK30 4x100, VK60 4x100"],
  "M54S++": [0, "VK30 4x96, VL30 4x68, VL40 4x90"],
  "M54S+": [0, "VL30 4x84"],
  M54S: [0, "VH30 4x120, VK30 4x102"],
  "M56S++": [0, "VK10 4x160, VK30 4x176, VK40 4x132, VK50 4x152"],
  "M56S+": [0, "VJ30 4x176, VK30 4x108, VK40 4x114, VK50 4x120"],
  M56S: [0, "VH30 4x152, VJ30 4x132, VJ40 4x152"],
  M56: [0, "VH30 4x108"],
  M59: [0, "VH30 4x132"],
  "M60S++": [
    2,
    "VL10 3x204, VL20 3x215, VL30 3x225, VL40 3x235, VL50 3x245, VL60 3x196, VL70 3x294, " +
      "VL80 3x196, VL90 3x204, VLA0 3x215, VLB0 3x245, VM30 3x117, VM40 3x123, VM50 3x129, " +
      "VM60 3x135, VM70 3x141",
  ],
  "M60S+": [
    2,
    "VK30 3x245, VK40 4x215, VK50 4x225, VK60 3x294, VK70 3x306, VL10 3x196, VL100 3x176, " +
      "VL20 3x147, VL30 3x225, VL40 3x188, VL50 3x180, VL60 3x172, VL70 3x225, VL80 3x180, " +
      "VL90 3x184, VLA0 3x176, VLB0 3x164, VM20 3x82, VM30 3x86, VM40 3x90, VM50 3x98",
  ],
  M60S: [
    2,
    "VK10 3x215, VK20 3x235, VK30 3x245, VK40 3x225, VK60 3x188, VK70 3x196, VK80 3x225, " +
      "VK90 3x192, VL10 3x147, VL20 3x164, VL30 3x172, VL40 3x180, VL50 3x188, VL60 3x196, " +
      "VL70 3x141, VL80 3x135, VL90 3x141, VM20 3x78, VM40 3x86",
  ],
  M60: [
    2,
    "VK10 3x164, VK20 3x172, VK30 3x215, VK40 3x180, VK6A 3x172, VL10 3x111, VL20 3x117, " +
      "VL30 3x123, VL40 3x129, VL50 3x135, VM40 3x82",
  ],
  "M61S+": [2, "VL20 3x204, VL30 3x225"],
  M61S: [
    2,
    "VK20 3x225, VK30 3x235, VL10 3x164, VL20 3x172, VL30 3x180, VL60 3x180, VL70 3x147, " +
      "VL90 3x225, VM30 3x117",
  ],
  M61: [
    2,
    "VK10 3x180, VK20 3x184, VK30 3x188, VK40 3x192, VK60 3x188, VK70 3x172, VL10 3x135, " +
      "VL30 3x141, VL40 3x144, VL50 3x147, VL60 3x150",
  ],
  "M62S++": [0, "VM30 3x132"],
  "M62S+": [0, "VK30 3x430"],
  "M63S++": [
    0,
    "VL10 4x360, VL20 4x380, VL40 4x304, VL50 4x340, VL60 4x380, VL70 4x288, VM10 4x152, " +
      "VM20 4x186, VM30 4x198",
  ],
  "M63S+": [
    0,
    "VK30 4x456, VL10 4x304, VL20 4x340, VL30 4x370, VL40 4x228, VL50 4x272, VL60 4x304, " +
      "VL70 4x240, VL80 4x256, VL90 4x256, VLA0 4x228, VLC0 4x222, VLD0 4x340, VM30 4x136, " +
      "VM40 4x144",
  ],
  M63S: [
    0,
    "VK10 4x340, VK20 4x350, VK30 4x370, VK40 4x288, VK50 4x300, VK60 4x350, VK70 4x340, " +
      "VK80 4x288, VK90 4x304, VKA0 4x272, VL10 4x228, VL20 4x216, VL30 4x272, VL40 4x204, " +
      "VL50 4x288, VL60 4x288, VL70 4x228, VL80 4x240, VL90 4x128, VLA0 4x256, VM30 4x132",
  ],
  M63: [
    0,
    "VK10 4x256, VK20 4x264, VK30 4x272, VL10 4x174, VL20 4x204, VL30 4x216, VL40 4x180, " +
      "VL60 4x216, VL70 4x174",
  ],
  "M64S++": [0, "VM30 4x96"],
  M64S: [0, "VL10 4x114, VL20 4x120, VL30 4x152"],
  M64: [0, "VL20 4x96, VL30 4x114, VL40 4x120"],
  "M65S+": [0, "VK30 4x456, VL20 4x340"],
  M65S: [0, "VK20 4x350, VL60 4x288"],
  "M66S++": [0, "VL20 3x368, VL40 3x288, VL50 4x240, VL60 4x250, VL70 4x250, VL80 4x230, VM30 4x138"],
  "M66S+": [
    0,
    "VK30 3x440, VL10 4x220, VL20 4x230, VL30 4x240, VL40 4x250, VL50 4x200, VL60 4x200, " +
      "VL70 4x230, VL80 4x250",
  ],
  M66S: [
    0,
    "VK20 3x368, VK30 3x384, VK40 4x240, VK50 4x250, VK60 4x250, VK70 4x210, VK80 4x220, " +
      "VL10 4x168, VL20 4x176, VL30 4x192, VL40 4x200, VL50 4x210, VL80 4x160",
  ],
  M66: [0, "VK20 4x184, VK30 4x192, VK60 4x176, VL20 4x160, VL30 4x168"],
  M67S: [0, "VK30 3x440"],
  "M69S++": [0, "VM30 8x228"],
  M69: [0, "VK30 4x228"],
  "M70S+": [2, "VM30 3x245"],
  M70S: [2, "VM30 3x204"],
  M70: [2, "VL20 3x245, VL30 3x255, VM10 3x135, VM20 3x141, VM30 3x147, VM80 3x147"],
  M72S: [0, "VM30 3x234"],
  M72: [0, "VM30 3x174"],
  "M73S+": [0, "VM40 4x380"],
  M73S: [0, "VM30 4x304"],
  M73: [0, "VL30 4x380, VM20 4x216, VM30 4x228, VM70 4x204"],
  M76S: [0, "VM30 3x240"],
  M76: [0, "VL30 3x384, VM30 3x176"],
  M78S: [0, "VM30 3x384"],
  M79S: [0, "VM30 8x304"],
}

export type ModelFacts = { boards: number; chips: number | null; fans: number }

/** `M30S+VE41`, `M60S_VK40`, `M50S VH50` → series and version as the catalogue keys them. */
export function splitModel(model: string): { series: string; version: string | null } {
  const match = /^(M\d+[A-Z]*?\+*)[\s_-]*(V[0-9A-Z]+)?$/i.exec(model.trim())
  if (match?.[1] === undefined) return { series: model.trim().toUpperCase(), version: null }
  return { series: match[1].toUpperCase(), version: match[2]?.toUpperCase() ?? null }
}

const parsed = new Map<string, ModelFacts | null>()

/** Null for a model that the catalogue does not know. */
export function whatsminerFacts(model: string | null): ModelFacts | null {
  if (model === null) return null
  const known = parsed.get(model)
  if (known !== undefined) return known
  const { series, version } = splitModel(model)
  const entry = SERIES[series]
  const generic = version?.replace(/.$/, "0")
  const shape = entry?.[1]
    .split(", ")
    .find((each) => each.startsWith(`${version} `) || each.startsWith(`${generic} `))
  const match = /(\d+)x(\d+|\?)$/.exec(shape ?? "")
  const facts =
    entry && match
      ? { boards: Number(match[1]), chips: match[2] === "?" ? null : Number(match[2]), fans: entry[0] }
      : null
  if (parsed.size < 2_000) parsed.set(model, facts)
  return facts
}

/** Of a model that nobody knows too: most have them. */
export const hasFans = (model: string | null): boolean => whatsminerFacts(model)?.fans !== 0
