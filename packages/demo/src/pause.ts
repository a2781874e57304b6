import { setTimeout as sleep } from 'node:timers/promises';

/** Time a service spends on something, give or take a third, so that durations have a spread as real ones do. */
export function pause(milli: number): Promise<void> {
  return sleep(milli * (0.67 + 0.66 * Math.random()));
}
