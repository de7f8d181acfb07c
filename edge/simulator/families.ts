import type { Door } from "./door.ts"
import { antminerDoors } from "./families/antminer/doors.ts"
import { auradineDoors } from "./families/auradine/doors.ts"
import { avalonDoors } from "./families/avalon/doors.ts"
import { axeosDoors } from "./families/axeos/doors.ts"
import { blackminerDoors } from "./families/blackminer/doors.ts"
import { braiinsDoors } from "./families/braiins/doors.ts"
import { cgminerDoors } from "./families/cgminer/doors.ts"
import { elphapexDoors } from "./families/elphapex/doors.ts"
import { epicDoors } from "./families/epic/doors.ts"
import { futurebitDoors } from "./families/futurebit/doors.ts"
import { goldshellDoors } from "./families/goldshell/doors.ts"
import { gpuDoors } from "./families/gpu/doors.ts"
import { hiveonDoors } from "./families/hiveon/doors.ts"
import { iceriverDoors } from "./families/iceriver/doors.ts"
import { innosiliconDoors } from "./families/innosilicon/doors.ts"
import { luxosDoors } from "./families/luxos/doors.ts"
import { marathonDoors } from "./families/marathon/doors.ts"
import { mskminerDoors } from "./families/mskminer/doors.ts"
import { protoRigDoors } from "./families/proto-rig/doors.ts"
import { sealminerDoors } from "./families/sealminer/doors.ts"
import { vnishDoors } from "./families/vnish/doors.ts"
import { whatsminerDoors } from "./families/whatsminer/doors.ts"
import type { Profile } from "./profile.ts"

/** By the `family` of a profile; a function where models of one family listen differently. */
const doors: Readonly<Record<string, readonly Door[] | ((profile: Profile) => readonly Door[])>> = {
  antminer: antminerDoors,
  whatsminer: whatsminerDoors,
  braiins: braiinsDoors,
  luxos: luxosDoors,
  avalon: avalonDoors,
  sealminer: sealminerDoors,
  auradine: auradineDoors,
  cgminer: cgminerDoors,
  axeos: axeosDoors,
  "proto-rig": protoRigDoors,
  gpu: gpuDoors,
  futurebit: futurebitDoors,
  hiveon: hiveonDoors,
  mskminer: mskminerDoors,
  vnish: vnishDoors,
  elphapex: elphapexDoors,
  blackminer: blackminerDoors,
  goldshell: goldshellDoors,
  iceriver: iceriverDoors,
  innosilicon: innosiliconDoors,
  epic: epicDoors,
  marathon: marathonDoors,
}

/** What listens on a machine of this profile. Throws when nobody has listed its family. */
export function doorsOf(profile: Profile): readonly Door[] {
  const listed = doors[profile.family]
  if (listed === undefined) throw new Error(`The family ${profile.family} of ${profile.model} has no doors`)
  return typeof listed === "function" ? listed(profile) : listed
}
