/**
 * A process to be killed: opens a store, appends requests without end, eight at a time, and writes a line for each
 * acknowledged one. Arguments: data directory, first span id.
 */
import fs from 'node:fs';
import process from 'node:process';
import { DataDirectoryLock } from '../../packages/store/src/data-directory-lock.ts';
import { realDisk } from '../../packages/store/src/disk.ts';
import { silentLogger } from '../../packages/store/src/store-logger.ts';
import { Store } from '../../packages/store/src/store.ts';
import { decodeTiny, encodeTiny, replayTiny, tinyMeta } from '../../packages/store/src/testing/tiny-protocol.ts';

const [dataDirectory, firstId] = process.argv.slice(2);
DataDirectoryLock.acquire(dataDirectory);
// Everything that can be interrupted happens several times a second.
const store = await Store.open({
  dataDirectory,
  tenant: 'default',
  disk: realDisk,
  replay: replayTiny,
  logger: silentLogger,
  sealAgeMilli: 100,
  sealRowsMin: 1,
  sealIdleMilli: 50,
  mergeSegmentsMin: 3,
});
let id = Number(firstId);

async function appendForever(): Promise<void> {
  for (;;) {
    const ids = Array.from({ length: 1 + (id % 20) }, () => ++id);
    const body = encodeTiny(
      ids.map((one) => ({
        trace: 1 + (one % 50) + 50 * Math.floor(one / 2000),
        id: one,
        name: 'span',
        startMilli: Date.now(),
      })),
    );
    await store.append({ ...tinyMeta, receivedMilli: Date.now() }, body, (sink) => decodeTiny(body, sink));
    report(`${ids[0]} ${ids.at(-1)!}\n`);
  }
}

/** The pipe is not waited for when its reader is behind; a line has to be out before its id counts as acknowledged. */
function report(line: string): void {
  for (;;) {
    try {
      fs.writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

await Promise.all(Array.from({ length: 8 }, appendForever));
