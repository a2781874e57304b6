import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '@spoor/model';
import { openLog } from '../log.ts';
import { createMetrics } from '../spoor-metrics.ts';
import { IntakeLedger } from './intake-ledger.ts';

test('IntakeLedger: counts, keeps the last example of each reason, and does not flood the log', () => {
  const metrics = createMetrics();
  const lines: string[] = [];
  let now = 1_000;
  const ledger = new IntakeLedger(
    metrics,
    openLog('json', (line) => lines.push(line)),
    () => now++,
  );
  const books = ledger.receiver('zipkin');
  equal(ledger.receiver('zipkin'), books);
  books.accept({ encoding: 'v2-json', spanCount: 3, rejectedSpanCount: 1, sizeBytes: 10 });
  for (let i = 0; i < 100; i++) {
    const error = new WireError('WIRE_MALFORMED', `number ${i}`, i);
    books.reject({ encoding: 'v2-json', error, body: new Uint8Array(100).fill(i), sender: '10.0.0.1' });
  }
  books.reject({ reason: 'wrong_path', error: new Error('elsewhere'), body: new Uint8Array(0), sender: undefined });
  const [{ rejections, ...counts }] = ledger.reports();
  deepEqual(counts, {
    receiver: 'zipkin',
    requests: 1,
    spans: 3,
    bytes: 10,
    rejectedSpans: 1,
    lastAcceptedMilli: 1_000,
  });
  deepEqual(
    rejections.map(({ reason, count }) => [reason, count]),
    [
      ['WIRE_MALFORMED', 100],
      ['wrong_path', 1],
    ],
  );
  equal(rejections[0].last.firstBytesHex, '63'.repeat(64));
  equal(rejections[0].last.message, 'number 99 (byte 99)');
  equal(rejections[0].last.sizeBytes, 100);
  equal(lines.length, 2);
  match(lines[0], /"code":"zipkin WIRE_MALFORMED".*"reason":"number 0 \(byte 0\)".*"sender":"10\.0\.0\.1"/);
  const text = metrics.registry.render();
  match(text, /spoor_receiver_requests_total\{receiver="zipkin",encoding="v2-json",outcome="WIRE_MALFORMED"\} 100/);
  match(text, /spoor_receiver_requests_total\{receiver="zipkin",encoding="v2-json",outcome="ok"\} 1/);
  match(text, /spoor_receiver_bytes_total\{receiver="zipkin"\} 10/);
  match(text, /spoor_spans_rejected_total\{transport="zipkin",reason="invalid_id"\} 1/);
});
