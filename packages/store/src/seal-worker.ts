import { parentPort } from 'node:worker_threads';
import { realDisk } from './disk.ts';
import type { SealReply } from './seal-executor.ts';
import { MergeInputError, type MergeRequest, runSealJob, type SealRequest } from './seal-job.ts';
import { lowerThreadPriority } from './thread-priority.ts';

/** A seal has seconds, on a busy machine too: a generation waits ten of them anyway. */
const niceness = 10;

lowerThreadPriority(niceness);

/** Entry point of the seal and merge threads: one job at a time, one reply a job. */
parentPort!.on('message', (request: SealRequest | MergeRequest) => {
  void answer(request);
});

async function answer(request: SealRequest | MergeRequest): Promise<void> {
  try {
    const result = await runSealJob(realDisk, request);
    const buffers = result.joinedRows.map(({ buffer }) => buffer as ArrayBuffer);
    parentPort!.postMessage({ type: 'done', result } satisfies SealReply, buffers);
  } catch (error) {
    parentPort!.postMessage(replyOf(error));
  }
}

function replyOf(error: unknown): SealReply {
  if (error instanceof MergeInputError)
    return { type: 'damagedInput', segmentId: error.segmentId, message: error.message };
  const { message, code, stack } = error as NodeJS.ErrnoException;
  // With a code it is the disk's word; without, it is a bug, and the stack says where.
  return { type: 'failed', message: code === undefined ? (stack ?? message) : message, code };
}
