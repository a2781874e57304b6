import { parentPort } from 'node:worker_threads';
import { assert } from '@spoor/model';
import { flattenError, type FlatError } from '../query-job.ts';
import { transformOtlp, type TransformedOtlp } from './transform-otlp.ts';

export interface TransformJob {
  readonly id: number;
  readonly json: Uint8Array;
  readonly prettyPrint: boolean;
}

export type TransformReply =
  | { readonly id: number; readonly transformed: TransformedOtlp }
  | { readonly id: number; readonly error: FlatError };

const port = parentPort;
assert(port !== null, 'the transformer runs in a worker thread');
port.on('message', ({ id, json, prettyPrint }: TransformJob) => {
  try {
    port.postMessage({ id, transformed: transformOtlp(json, prettyPrint) } satisfies TransformReply);
  } catch (error) {
    port.postMessage({ id, error: flattenError(error) } satisfies TransformReply);
  }
});
