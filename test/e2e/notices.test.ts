import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, before, test } from 'node:test';
import { eventually } from './jaeger-client.ts';
import { requestOf, sendJson } from './otlp-json.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor();
});
after(async () => void (await spoor.stop()));

interface Status {
  readonly clockNotices: readonly {
    readonly service: string;
    readonly direction: string;
    readonly count: number;
    readonly spanName: string;
  }[];
  readonly silentServices: readonly unknown[];
  readonly receivers: readonly {
    readonly name: string;
    readonly refusals: readonly { readonly reason: string; readonly count: number }[];
  }[];
}

async function status(): Promise<Status> {
  return (await (await fetch(`${spoor.jaeger}/api/spoor/status`)).json()) as Status;
}

async function metrics(): Promise<string> {
  return (await fetch(`${spoor.jaeger}/metrics`)).text();
}

test('notices: spans whose clock is far off are stored, counted, logged and on the page', async () => {
  const spans = [3600, -90_000, 0].map((offSeconds, i) => {
    const seconds = Math.floor(Date.now() / 1000) + offSeconds;
    const [traceId, spanId] = [String(i + 1).repeat(32), String(i + 1).repeat(16)];
    const times = { startTimeUnixNano: `${seconds}000000000`, endTimeUnixNano: `${seconds}000000001` };
    return { traceId, spanId, name: `span ${i}`, kind: 2, ...times };
  });
  await sendJson(spoor.otlpHttp, requestOf({ shop: spans }));
  const notices = await eventually('both notices', async () => {
    const { clockNotices } = await status();
    return clockNotices.length === 2 ? clockNotices : undefined;
  });
  deepEqual(
    notices.map(({ service, direction, count, spanName }) => [service, direction, count, spanName]),
    [
      ['shop', 'past', 1, 'span 1'],
      ['shop', 'future', 1, 'span 0'],
    ],
  );
  for (const { traceId } of spans) equal((await fetch(`${spoor.jaeger}/api/traces/${traceId}`)).status, 200);
  const text = await metrics();
  for (const direction of ['future', 'past'])
    match(text, new RegExp(`clock_off_total\\{direction="${direction}"\\} 1`));
  const lines = spoor.log.filter(({ message }) => message.startsWith('spans start far in the '));
  deepEqual(
    lines.map(({ service, span }) => [service, span]),
    [
      ['shop', 'span 0'],
      ['shop', 'span 1'],
    ],
  );
  deepEqual((await status()).silentServices, []);
});

/** The largest that UDP carries. */
const datagramBytesMax = 65_507;

test('notices: a datagram that was cut, and one of garbage, are counted with their reason, on the page too', async () => {
  // emitBatch, compact, whose service name says it has 70,000 bytes, more than fit.
  const start = Buffer.from([0x82, 0x81, 0, 9, ...Buffer.from('emitBatch'), 0x1c, 0x1c, 0x18, 0xf0, 0xa2, 0x04]);
  const cut = Buffer.alloc(datagramBytesMax, 'x');
  start.copy(cut);
  // Taken for binary Thrift.
  const garbage = Buffer.alloc(datagramBytesMax, 0x5a);
  const socket = createSocket('udp4');
  for (const packet of [cut, garbage]) {
    await new Promise<void>((resolve, reject) =>
      socket.send(packet, spoor.receivers['jaeger-compact'], '127.0.0.1', (error) =>
        error === null ? resolve() : reject(error),
      ),
    );
  }
  socket.close();
  const refusal = await eventually('both refusals', async () => {
    const { receivers } = await status();
    const found = receivers.find(({ name }) => name === 'jaeger-compact')?.refusals[0];
    return found?.count === 2 ? found : undefined;
  });
  equal(refusal.reason, 'WIRE_TRUNCATED');
  const text = await metrics();
  for (const encoding of ['compact', 'binary']) {
    const labels = `receiver="jaeger-compact",encoding="thrift-${encoding}",outcome="WIRE_TRUNCATED"`;
    ok(text.includes(`spoor_receiver_requests_total{${labels}} 1\n`), encoding);
  }
});
