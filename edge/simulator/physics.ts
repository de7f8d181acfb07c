/**
 * Heat and work of one mining session, in closed form: nothing ticks, every figure is computed for the instant
 * it is asked for, and asking more often changes nothing. A session is cut into segments; within one the load
 * is constant but for the ramp of the warm-up, and the chips approach a target temperature exponentially.
 */
type Segment = { fromS: number; workThs: number; load: number; riseC: number; targetRiseC: number }

/** Older segments only serve averages over past windows. */
const KEPT_SEGMENTS = 8

export class MiningSession {
  readonly startedS: number
  readonly #nominalThs: number
  readonly #warmUpS: number
  readonly #tauS: number
  #segments: Segment[]

  constructor(options: {
    startedS: number
    nominalThs: number
    warmUpS: number
    /** Time constant of the heat sinks. */
    tauS: number
    load: number
    riseC: number
    targetRiseC: number
  }) {
    this.startedS = options.startedS
    this.#nominalThs = options.nominalThs
    this.#warmUpS = options.warmUpS
    this.#tauS = options.tauS
    const { startedS: fromS, load, riseC, targetRiseC } = options
    this.#segments = [{ fromS, workThs: 0, load, riseC, targetRiseC }]
  }

  /** From `atS` on the machine runs at another load or is cooled differently. */
  change(atS: number, load: number, targetRiseC: number): void {
    const fromS = Math.max(atS, this.startedS)
    const next = { fromS, workThs: this.workThs(fromS), load, riseC: this.riseC(fromS), targetRiseC }
    this.#segments = [...this.#segments.slice(1 - KEPT_SEGMENTS), next]
  }

  elapsedS(atS: number): number {
    return Math.max(0, atS - this.startedS)
  }

  /** TH computed since the session began (TH/s times seconds). Never falls. */
  workThs(atS: number): number {
    const segment = this.#segmentAt(atS)
    const from = this.#rampIntegral(segment.fromS)
    const seconds = Math.max(0, this.#rampIntegral(atS) - from)
    return segment.workThs + segment.load * this.#nominalThs * seconds
  }

  rateThs(atS: number): number {
    return this.#segmentAt(atS).load * this.#nominalThs * this.ramp(atS)
  }

  /** Mean over the last `windowS`, or over the session where that is shorter. */
  meanThs(atS: number, windowS: number): number {
    const fromS = Math.max(this.startedS, atS - windowS)
    return atS - fromS < 1 ? 0 : (this.workThs(atS) - this.workThs(fromS)) / (atS - fromS)
  }

  /** Hottest chip above the inlet. */
  riseC(atS: number): number {
    const { fromS, riseC, targetRiseC } = this.#segmentAt(atS)
    return targetRiseC + (riseC - targetRiseC) * Math.exp(-Math.max(0, atS - fromS) / this.#tauS)
  }

  /** 0 while the chips are brought up, 1 when warm. */
  ramp(atS: number): number {
    const idleS = this.#warmUpS * 0.2
    const sinceS = this.elapsedS(atS) - idleS
    if (sinceS <= 0) return this.#warmUpS === 0 && atS >= this.startedS ? 1 : 0
    return Math.min(1, sinceS / Math.max(1e-6, this.#warmUpS - idleS))
  }

  #rampIntegral(atS: number): number {
    const idleS = this.#warmUpS * 0.2
    const widthS = this.#warmUpS - idleS
    const sinceS = this.elapsedS(atS) - idleS
    if (sinceS <= 0) return 0
    return sinceS < widthS ? (sinceS * sinceS) / (2 * widthS) : sinceS - widthS / 2
  }

  #segmentAt(atS: number): Segment {
    let found = this.#segments[0]!
    for (const segment of this.#segments) if (segment.fromS <= atS) found = segment
    return found
  }
}
