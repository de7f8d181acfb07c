/** The kill switch of commands. */
export const pause = {
  title: "Kill switch",
  on: "Commands are stopped.",
  since: "Since {at}, by {by}.",
  because: "Reason: {reason}",
  someone: "the system",
  off: {
    site: "Commands run at this site. The switch keeps every collector here from starting any.",
    collector: "Commands run on this collector's machines. The switch keeps it from starting any.",
  },
  stop: {
    button: "Stop all commands…",
    title: "Stop all commands of {name}?",
    body: "From now on nothing starts. What is being done to a machine at this moment is finished; everything else waits until the switch is turned back, or expires.",
    reason: "Why (others will read it)",
    submit: "Stop commands",
    done: "Commands of {name} are stopped.",
  },
  resume: {
    button: "Let commands run again…",
    title: "Let commands of {name} run again?",
    body: "What waits and has not expired starts at once, in its order.",
    submit: "Let them run",
    done: "Commands of {name} run again.",
  },
} as const
