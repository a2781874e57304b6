import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { openingOf } from './connection-opening.ts';

test('openingOf: judges by the first bytes, and waits while they are too few', () => {
  const opening = (text: string): string => openingOf(Buffer.from(text, 'latin1')) ?? 'too few';
  for (const text of ['', 'P', 'PR', 'PRI']) equal(opening(text), 'too few', text);
  equal(opening('PRI * HTTP/2.0'), 'http2');
  equal(opening('\u0016'), 'too few');
  equal(opening('\u0016\u0003\u0001'), 'tls');
  equal(opening('\u0016\u0002'), 'unknown');
  for (const text of ['GET / HTTP/1.1', 'POST /v1/traces HTTP/1.1', 'PO', 'PRIVATE /']) {
    equal(opening(text), 'http1', text);
  }
  for (const text of ['\u0082\u0081', '{"a":1}', 'get / http', '\u0000']) equal(opening(text), 'unknown', text);
});
