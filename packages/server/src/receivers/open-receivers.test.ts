import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { authorizeEveryone } from '../authorize.ts';
import { ByteBudget } from '../byte-budget.ts';
import { openLog } from '../log.ts';
import type { Listener } from '../http-listener.ts';
import { createMetrics } from '../spoor-metrics.ts';
import { IntakeLedger } from './intake-ledger.ts';
import { openReceivers, type ReceiverPorts } from './open-receivers.ts';
import { receiverEntries, type ReceiverName } from './receiver-entry.ts';
import type { ListenAddress } from '../listen-address.ts';

const off: ListenAddress = { port: undefined, host: undefined, isAskedFor: true };
const lines: string[] = [];
const listeners: Listener[] = [];

/** Opens the agent's two ports, one at `port` and one at any. */
function open(port: number, isAskedFor: boolean): Promise<ReceiverPorts> {
  const log = openLog('text', (line) => lines.push(line));
  const addresses = Object.fromEntries(receiverEntries.map(({ name }) => [name, off]));
  addresses['jaeger-compact'] = { port, host: undefined, isAskedFor };
  addresses['jaeger-binary'] = { port: 0, host: undefined, isAskedFor: true };
  return openReceivers(
    {
      receivers: addresses as Record<ReceiverName, ListenAddress>,
      addresses: ['127.0.0.1'],
      take: () => Promise.reject(new Error('nothing is sent')),
      authorize: authorizeEveryone,
      bodyBytes: new ByteBudget(1),
      corsOrigins: [],
      ledger: new IntakeLedger(createMetrics(), log),
      // For ports that are off here.
      sampling: undefined as never,
      zipkinApi: undefined as never,
      log,
    },
    (listener) => listeners.push(listener),
  );
}

test('openReceivers: a port in use is done without in one line, unless it was asked for', async () => {
  const other = createSocket('udp4').bind(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();
  try {
    const ports = await open(port, false);
    deepEqual(Object.keys(ports), ['jaeger-binary']);
    equal(lines.length, 1);
    match(
      lines[0],
      new RegExp(`port ${port} for .* is in use by another program.*--jaeger-compact-port.*going on without it`),
    );
    await rejects(open(port, true), { name: 'ListenError', message: /is in use by another program/ });
  } finally {
    other.close();
    await Promise.all(listeners.map((listener) => listener.close(0)));
  }
});
