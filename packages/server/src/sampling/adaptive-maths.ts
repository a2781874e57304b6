import type { AdaptiveParameters } from './adaptive-parameters.ts';

/** A probability that was given out, from a time on until the next one. */
export interface IssuedProbability {
  /** Unix milliseconds */
  readonly fromMilli: number;
  readonly probability: number;
}

/** Sampling clients ask once a minute unless told otherwise. */
const pollMilli = 60_000;

/**
 * The mean probability by which roots that began in a window were sampled, when clients ask every minute, each at its
 * own moment: at time t, as many use a probability as asked while it was given out, within [t − 60 s, t]. What
 * arrives is what was requested times this.
 *
 * @param history  ascending; what was given out before its first entry is taken to be that entry's
 */
export function meanProbability(history: readonly IssuedProbability[], startMilli: number, endMilli: number): number {
  let sum = 0;
  for (const [i, { probability }] of history.entries()) {
    const from = i === 0 ? Number.NEGATIVE_INFINITY : history[i].fromMilli;
    const until = history[i + 1]?.fromMilli ?? Number.POSITIVE_INFINITY;
    sum += probability * (shareAskedBefore(until, startMilli, endMilli) - shareAskedBefore(from, startMilli, endMilli));
  }
  return sum;
}

/** Which part of the (request, client) pairs of the window goes by an answer given before `time`; 0 … 1. */
function shareAskedBefore(time: number, startMilli: number, endMilli: number): number {
  if (time === Number.POSITIVE_INFINITY) return 1;
  if (time === Number.NEGATIVE_INFINITY) return 0;
  const length = endMilli - startMilli;
  if (length <= 0) return Math.min(1, Math.max(0, (time - startMilli + pollMilli) / pollMilli));
  // A request at t has a share clamp((time − t + poll) / poll) of clients that asked before: its integral over t.
  return (shareIntegral(time - startMilli) - shareIntegral(time - endMilli)) / length;
}

/** ∫ clamp((x + poll) / poll, 0, 1) dx */
function shareIntegral(x: number): number {
  if (x <= -pollMilli) return 0;
  if (x >= 0) return pollMilli / 2 + x;
  return (x + pollMilli) ** 2 / (2 * pollMilli);
}

/** A mean in which the i-th oldest of n weighs i⁴, so that the newest counts most. 0 for none. Source: Jaeger. */
export function weightedMean(values: readonly number[]): number {
  let sum = 0;
  let weights = 0;
  for (const [i, value] of values.entries()) {
    const weight = (i + 1) ** 4;
    sum += value * weight;
    weights += weight;
  }
  return weights === 0 ? 0 : sum / weights;
}

/**
 * The next probability for a rate of requests. Down at once, up by doubling at most; within the tolerance of the target,
 * where it is. Nothing arriving is no proof of nothing happening, so that it doubles too.
 *
 * @param requestsPerSecond  all of them, sampled or not, as far as is known
 */
export function nextProbability(
  current: number,
  requestsPerSecond: number,
  { targetPerSecond, tolerance, minProbability }: AdaptiveParameters,
): number {
  const sampledPerSecond = requestsPerSecond * current;
  if (Math.abs(sampledPerSecond - targetPerSecond) / targetPerSecond < tolerance) return current;
  const wanted = requestsPerSecond > 0 ? targetPerSecond / requestsPerSecond : Number.POSITIVE_INFINITY;
  return Math.max(minProbability, Math.min(1, wanted, 2 * current));
}
