import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert, constantFrom, integer, oneof, property, string, uint8Array } from 'fast-check';
import { unescapeText } from './unescape-text.ts';

const utf8 = new TextEncoder();
const text = (escaped: string): string => new TextDecoder().decode(unescapeText(utf8.encode(escaped), 0));

test('unescapeText: agrees with JSON.parse on whatever JSON.stringify and escapes of code units make', () => {
  const unit = integer({ min: 0, max: 0xffff }).map((code) => `\\u${code.toString(16).padStart(4, '0')}`);
  const plain = string({ unit: 'grapheme' }).map((one) => JSON.stringify(one).slice(1, -1));
  assert(
    property(array(oneof(unit, plain, constantFrom('\\/', '\\b', '\\f'))), (parts) => {
      const escaped = parts.join('');
      equal(text(escaped), (JSON.parse(`"${escaped}"`) as string).toWellFormed());
    }),
    { numRuns: 2000 },
  );
});

test('unescapeText: never longer than the text, and other bytes than UTF-8 stay', () => {
  deepEqual(unescapeText(Uint8Array.of(0xc1, 0x5c, 0x6e, 0xff), 0), Uint8Array.of(0xc1, 0x0a, 0xff));
  assert(
    property(uint8Array(), (bytes) => {
      try {
        ok(unescapeText(bytes, 0).length <= bytes.length);
      } catch (error) {
        equal((error as { code?: unknown }).code, 'WIRE_MALFORMED');
      }
    }),
  );
});

test('unescapeText: an impossible escape is refused where it is', () => {
  for (const escaped of ['ab\\x', 'ab\\', 'ab\\u12', 'ab\\u12g4', 'ab\\U0041']) {
    throws(() => unescapeText(utf8.encode(escaped), 10), { code: 'WIRE_MALFORMED', offset: 12 }, escaped);
  }
});
