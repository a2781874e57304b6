import { parentPort } from 'node:worker_threads';
import { assert } from '@spoor/model';
import { flattenError, type FlatError } from '../query-job.ts';
import { readUpload, type ReadUpload } from './read-upload.ts';

export interface UploadJob {
  readonly body: Uint8Array;
  readonly receivedMilli: number;
}

export type UploadReply = { readonly upload: ReadUpload } | { readonly error: FlatError };

const port = parentPort;
assert(port !== null, 'files are read in a worker thread');
port.once('message', ({ body, receivedMilli }: UploadJob) => {
  try {
    const upload = readUpload(body, receivedMilli);
    port.postMessage({ upload } satisfies UploadReply, [upload.protobuf.buffer]);
  } catch (error) {
    port.postMessage({ error: flattenError(error) } satisfies UploadReply);
  }
});
