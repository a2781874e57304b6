import { parentPort } from 'node:worker_threads';
import { assert, limits } from '@spoor/model';
import { SpanCounters } from '@spoor/query';
import { arrivedSource, lowerThreadPriority } from '@spoor/store';
import { flattenError } from '../query-job.ts';
import { countedText } from './counted-text.ts';
import type { CountJob, CountReply } from './span-metrics-job.ts';

/**
 * Counts spans as they arrive, for `/metrics`. A thread of its own, since what was counted, and what of a call waits for its
 * other side, has to stay in one place, and counting must not hold the sockets.
 */
const port = parentPort;
assert(port !== null, 'spans are counted in a worker thread');
/** After accepting and answering; as seals and merges. */
const niceness = 10;
/** As long as Tempo waits for the other side of a call. */
const waitMilli = 10_000;
lowerThreadPriority(niceness);
const counters = new SpanCounters({ seriesMax: limits.spanCountersSeriesMax, waitMilli });

port.on('message', (job: CountJob) => {
  void count(job).then((reply) => port.postMessage(reply));
});

async function count({ rows, nowMilli, isScraped }: CountJob): Promise<CountReply> {
  try {
    await counters.add(rows.map(arrivedSource), nowMilli);
    const counted = counters.counted();
    const text = isScraped ? countedText(counted) : undefined;
    return { type: 'counted', text, droppedCount: counted.droppedCount };
  } catch (error) {
    return { type: 'failed', error: flattenError(error) };
  }
}
