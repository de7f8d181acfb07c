import { antminerProfiles } from "./families/antminer/profiles.ts"
import { auradineProfiles } from "./families/auradine/profiles.ts"
import { avalonProfiles } from "./families/avalon/profiles.ts"
import { axeosProfiles } from "./families/axeos/profiles.ts"
import { blackminerProfiles } from "./families/blackminer/profiles.ts"
import { braiinsProfiles } from "./families/braiins/profiles.ts"
import { cgminerProfiles } from "./families/cgminer/profiles.ts"
import { elphapexProfiles } from "./families/elphapex/profiles.ts"
import { epicProfiles } from "./families/epic/profiles.ts"
import { futurebitProfiles } from "./families/futurebit/profiles.ts"
import { goldshellProfiles } from "./families/goldshell/profiles.ts"
import { gpuProfiles } from "./families/gpu/profiles.ts"
import { hiveonProfiles } from "./families/hiveon/profiles.ts"
import { iceriverProfiles } from "./families/iceriver/profiles.ts"
import { innosiliconProfiles } from "./families/innosilicon/profiles.ts"
import { luxosProfiles } from "./families/luxos/profiles.ts"
import { marathonProfiles } from "./families/marathon/profiles.ts"
import { mskminerProfiles } from "./families/mskminer/profiles.ts"
import { protoRigProfiles } from "./families/proto-rig/profiles.ts"
import { sealminerProfiles } from "./families/sealminer/profiles.ts"
import { vnishProfiles } from "./families/vnish/profiles.ts"
import { whatsminerProfiles } from "./families/whatsminer/profiles.ts"
import type { Profile } from "./profile.ts"

/** The machines that can be played, one row each, by family. */
export const profiles = {
  ...antminerProfiles,
  ...whatsminerProfiles,
  ...avalonProfiles,
  ...sealminerProfiles,
  ...auradineProfiles,
  ...braiinsProfiles,
  ...luxosProfiles,
  ...cgminerProfiles,
  ...hiveonProfiles,
  ...mskminerProfiles,
  ...axeosProfiles,
  ...vnishProfiles,
  ...protoRigProfiles,
  ...gpuProfiles,
  ...futurebitProfiles,
  ...elphapexProfiles,
  ...blackminerProfiles,
  ...goldshellProfiles,
  ...iceriverProfiles,
  ...innosiliconProfiles,
  ...epicProfiles,
  ...marathonProfiles,
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof profiles
export const profileNames = Object.keys(profiles) as [ProfileName, ...ProfileName[]]
