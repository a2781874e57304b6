import v8 from 'node:v8';

/** The first release of Node whose engine is known to have the option; another would complain on standard error. */
const nodeMajorMin = 26;

/**
 * Lets the garbage collector count socket buffers as part of the heap, whose limit grows with need. By itself it begins a
 * full collection for so many megabytes of them, whatever else there is: at 47 spans a request over gRPC every 200
 * requests, two fifths of the time that a call took. Call it first of all: it holds for all threads.
 */
export function tuneCollector(): void {
  if (Number.parseInt(process.versions.node, 10) < nodeMajorMin) return;
  v8.setFlagsFromString('--external-memory-accounted-in-global-limit');
}
