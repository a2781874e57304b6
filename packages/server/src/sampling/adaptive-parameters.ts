/** What adaptive sampling aims at. Names and defaults are Jaeger's; see `sampling-option.ts`. */
export interface AdaptiveParameters {
  /** sampled traces a second, for each service and operation */
  readonly targetPerSecond: number;
  /** relative distance from the target within which a probability stays */
  readonly tolerance: number;
  /** intervals that are averaged, the newest weighing most */
  readonly bucketCount: number;
  readonly intervalMilli: number;
  /** how long spans may take to arrive after they began, to be counted in their interval */
  readonly delayMilli: number;
  readonly initialProbability: number;
  readonly minProbability: number;
  /** told to clients: sample at least so many traces a second of each operation, whatever the probability */
  readonly lowerBoundPerSecond: number;
}
