/*
 * Test only: damaged copies of a body, and the one rule for all decoders: nothing but a WireError comes out.
 */
import assert from 'node:assert/strict';
import { SpanRecorder, type SpanSink, WireError } from '@spoor/model';
import { seededRandom } from './seeded-random.ts';

export type Decode = (body: Uint8Array, sink: SpanSink) => unknown;

/** Cuts at every byte. A body that ends on a field boundary may still be good, so only the kind of failure is checked. */
export function checkTruncations(decode: Decode, body: Uint8Array, name: string): void {
  for (let length = 0; length < body.length; length++)
    checkOne(decode, body.subarray(0, length), `${name} cut at ${length}`);
}

/** Flips every bit of every byte, one at a time. */
export function checkBitFlips(decode: Decode, body: Uint8Array, name: string): void {
  const copy = new Uint8Array(body);
  for (let i = 0; i < 8 * body.length; i++) {
    copy[i >> 3] ^= 1 << (i & 7);
    checkOne(decode, copy, `${name} with bit ${i} flipped`);
    copy[i >> 3] ^= 1 << (i & 7);
  }
}

/** Several random edits at once, from a seed that the message names. */
export function checkMutations(decode: Decode, body: Uint8Array, name: string, seed: number, count: number): void {
  const random = seededRandom(seed);
  for (let i = 0; i < count; i++) checkOne(decode, mutated(body, random), `${name}, SEED=${seed}, mutation ${i}`);
}

export function mutated(body: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = [...body];
  for (let edits = 1 + random(8); edits > 0; edits--) {
    const at = random(bytes.length + 1);
    switch (random(5)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes.splice(at, random(8), ...Array.from({ length: random(8) }, () => random(256)));
        break;
      case 2:
        bytes[at] = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5c, 0x7b][random(8)];
        break;
      case 3:
        bytes = bytes.slice(0, at);
        break;
      default: {
        const from = random(bytes.length + 1);
        bytes.splice(at, 0, ...bytes.slice(from, from + random(40)));
      }
    }
  }
  return Uint8Array.from(bytes, (byte) => byte ?? 0);
}

/** @throws {AssertionError} when something else than a WireError comes out */
export function checkOne(decode: Decode, body: Uint8Array, name: string): void {
  try {
    decode(body, new SpanRecorder());
  } catch (error) {
    assert.ok(error instanceof WireError, `${name}: ${(error as Error).stack}\n${Buffer.from(body).toString('hex')}`);
  }
}
