import { parentPort } from 'node:worker_threads';
import { assert, codeOf, type WireError } from '@spoor/model';
import { transcodeJsonToProtobuf } from '@spoor/wire';

export interface TranscodeJob {
  readonly id: number;
  readonly json: Uint8Array;
}

export type TranscodeReply =
  | { readonly id: number; readonly protobuf: Uint8Array }
  | { readonly id: number; readonly code: string | undefined; readonly message: string; readonly offset: number };

const port = parentPort;
assert(port !== null, 'the JSON transcoder runs in a worker thread');
port.on('message', (job: TranscodeJob) => {
  try {
    const protobuf = transcodeJsonToProtobuf(job.json);
    port.postMessage({ id: job.id, protobuf } satisfies TranscodeReply);
  } catch (error) {
    const { message, offset } = error as WireError;
    port.postMessage({ id: job.id, code: codeOf(error), message, offset } satisfies TranscodeReply);
  }
});
