import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { limits, type Span } from '@spoor/model';
import { allocateHeadBuffers, type ArrivedRows, Head, headCapacity } from '@spoor/store';
import { decodeTracesJson } from '@spoor/wire';
import { openLog } from '../log.ts';
import { MetricRegistry } from '../metric-registry.ts';
import { probabilistic, type SamplingStrategy } from '../sampling/sampling-strategy.ts';
import { ClockNotices } from './clock-notices.ts';
import { SilentServices } from './silent-services.ts';

const now = Date.UTC(2026, 10, 27);
const minute = 60_000;
const hour = 60 * minute;

interface Sent {
  readonly service: string;
  readonly startMilli: number;
  readonly name?: Span['name'];
}

/** One head with these spans, each from a resource that has a second attribute before and after the name. */
function arrivedRows(spans: readonly Sent[], firstRow = 0): ArrivedRows {
  const head = new Head(allocateHeadBuffers(headCapacity(1000)));
  const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
  const resourceSpans = spans.map(({ service, startMilli, name = 'GET /' }, i) => ({
    resource: { attributes: [text('host.name', 'a'), text('service.name', service), text('os.type', 'linux')] },
    scopeSpans: [
      {
        spans: [
          {
            traceId: String(i + 1).padStart(32, '0'),
            spanId: String(i + 1).padStart(16, '0'),
            name,
            startTimeUnixNano: `${startMilli}000000`,
            endTimeUnixNano: `${startMilli}000001`,
          },
        ],
      },
    ],
  }));
  decodeTracesJson(Buffer.from(JSON.stringify({ resourceSpans })), head);
  const { buffers, startMin, startMax } = head;
  return { head: { id: 'head-1', buffers, counts: head.countsNow(), startMin, startMax }, firstRow };
}

function clockNotices(): { notices: ClockNotices; registry: MetricRegistry; lines: string[] } {
  const registry = new MetricRegistry();
  const lines: string[] = [];
  const log = openLog('text', (line) => void lines.push(line));
  return { notices: new ClockNotices(registry, log), registry, lines };
}

test('ClockNotices: spans past the limits are counted by service and direction, with an example; others are not', () => {
  const { notices, registry, lines } = clockNotices();
  const spans: readonly Sent[] = [
    { service: 'fine', startMilli: now },
    { service: 'fine', startMilli: now + 4 * minute },
    { service: 'fine', startMilli: now - 23 * hour },
    { service: 'ahead', startMilli: now + 6 * minute },
    { service: 'ahead', startMilli: now + 2 * hour, name: 'latest' },
    { service: 'behind', startMilli: now - 25 * hour },
    { service: 'unset', startMilli: 0 },
  ];
  notices.arrived(arrivedRows(spans), now);
  const common = { lastMilli: now, spanName: 'GET /', count: 1 };
  deepEqual(notices.list(), [
    { ...common, service: 'unset', direction: 'past', startMilli: 0 },
    { ...common, service: 'behind', direction: 'past', startMilli: now - 25 * hour },
    { ...common, service: 'ahead', direction: 'future', startMilli: now + 2 * hour, spanName: 'latest', count: 2 },
  ]);
  match(registry.render(), /^spoor_spans_clock_off_total\{direction="future"\} 2$/m);
  match(registry.render(), /^spoor_spans_clock_off_total\{direction="past"\} 2$/m);
  equal(lines.length, 2, 'one line for each direction a minute');
  match(lines[0], /WARN {2}"?spans start far in the future.* service=ahead span=latest offSeconds=7200 count=2/);

  // Rows that were looked at before are not looked at again.
  notices.arrived(arrivedRows(spans, 4), now + minute);
  const ahead = notices.list().find(({ service }) => service === 'ahead');
  equal(ahead?.count, 3);
});

test('ClockNotices: as many as the limit, those renewed last', () => {
  const { notices } = clockNotices();
  const spans = Array.from({ length: limits.clockNoticesMax + 5 }, (_, i) => ({ service: `s${i}`, startMilli: 0 }));
  notices.arrived(arrivedRows(spans), now);
  const services = notices.list().map(({ service }) => service);
  equal(services.length, limits.clockNoticesMax);
  deepEqual([services[0], services.at(-1)], [`s${spans.length - 1}`, 's5']);
});

test('SilentServices: who asks and sends nothing for two minutes, with what it was told, until it sends or asks no more', () => {
  const clock = { milli: now };
  const strategies: Readonly<Record<string, SamplingStrategy>> = {
    rare: probabilistic(0.001),
    limited: { type: 'rateLimiting', maxTracesPerSecond: 3 },
    mixed: {
      type: 'probabilistic',
      samplingRate: 0.5,
      operations: { defaultProbability: 0.25, lowerBoundPerSecond: 0, list: [] },
    },
    busy: probabilistic(1),
  };
  const registry = new MetricRegistry();
  const services = new SilentServices({ strategyFor: (name) => strategies[name] }, registry, () => clock.milli);
  const ask = (): void => {
    for (const [name, strategy] of Object.entries(strategies)) equal(services.strategyFor(name), strategy);
  };
  ask();
  clock.milli += minute;
  services.arrived(arrivedRows([{ service: 'busy', startMilli: now }]), clock.milli);
  ask();
  deepEqual(services.list(), [], 'too early to tell');
  clock.milli += minute;
  deepEqual(services.list(), [
    { service: 'rare', sinceMilli: now, probability: 0.001, tracesPerSecondMax: undefined },
    { service: 'limited', sinceMilli: now, probability: undefined, tracesPerSecondMax: 3 },
    { service: 'mixed', sinceMilli: now, probability: 0.25, tracesPerSecondMax: undefined },
  ]);
  match(registry.render(), /^spoor_sampling_silent_services 3$/m);
  services.arrived(arrivedRows(['rare', 'other'].map((service) => ({ service, startMilli: 0 }))), clock.milli);
  deepEqual(
    services.list().map(({ service }) => service),
    ['limited', 'mixed'],
  );
  clock.milli += 5 * minute;
  deepEqual(services.list(), [], 'nobody asks any more');
  ask();
  deepEqual(services.list(), [], 'they begin anew');
});
