import { serviceName, type Span } from '@spoor/model';
import type { LabelledSeries, MetricWindows, ServiceGraphRequest, SpanMetricsRequest } from '../trace-store.ts';
import type { ModelTrace } from './model-trace.ts';

/*
 * The slow, obvious twin of span metrics and the service graph: every window looks at every span.
 */

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statuses = ['UNSET', 'OK', 'ERROR'];

/** One thing that is counted: its time, weight, durations, and labels. */
interface Counted {
  readonly start: bigint;
  readonly count: number;
  readonly seconds: number | undefined;
  readonly label: (name: string) => string;
}

export function modelSpanMetrics(spans: readonly Span[], request: SpanMetricsRequest): readonly LabelledSeries[] {
  const counted = spans.map((span): Counted => ({
    start: span.startTimeUnixNano,
    count: span.adjustedCount,
    seconds: secondsOf(span),
    label: (name) => spanLabel(span, name),
  }));
  return sumUp(counted, request, request.measure === 'latency' ? bounds(0.002, 14) : undefined);
}

function spanLabel(span: Span, name: string): string {
  switch (name) {
    case 'service':
      return attribute(span.resource.attributes, 'service.name') ?? '';
    case 'span_name':
      return span.name;
    case 'span_kind':
      return span.kind in kinds ? `SPAN_KIND_${kinds[span.kind]}` : String(span.kind);
    case 'status_code':
      return `STATUS_CODE_${statuses[span.statusCode]}`;
    default:
      return attribute(span.attributes, name) ?? attribute(span.resource.attributes, name) ?? '';
  }
}

/** The first that is not nothing; what is not a text, a number or a boolean has no text. */
function attribute(attributes: Span['attributes'], name: string): string | undefined {
  const value = attributes.find((one) => one.key === name && one.value.type !== 'empty')?.value;
  switch (value?.type) {
    case undefined:
      return undefined;
    case 'string':
    case 'int':
    case 'double':
    case 'bool':
      return String(value.value);
    default:
      return '';
  }
}

export function modelServiceGraph(
  traces: readonly ModelTrace[],
  request: ServiceGraphRequest,
): readonly LabelledSeries[] {
  const isLatency = request.measure === 'serverLatency' || request.measure === 'clientLatency';
  const counted = traces.flatMap((trace) => trace.spans.flatMap((span) => modelCall(trace, span) ?? []));
  const measured = counted.flatMap(({ labels, client, server, span, timed }): Counted[] => {
    const isFailed = client?.statusCode === 2 || server?.statusCode === 2;
    const of = request.measure === 'clientLatency' ? client : timed;
    if (request.measure === 'failed' && !isFailed) return [];
    if (isLatency && of === undefined) return [];
    return [
      {
        start: span.startTimeUnixNano,
        count: span.adjustedCount,
        seconds: of === undefined ? undefined : secondsOf(of),
        label: (name) => labels[name] ?? '',
      },
    ];
  });
  return sumUp(measured, request, isLatency ? bounds(0.1, 8) : undefined);
}

interface ModelCall {
  readonly labels: Readonly<Record<string, string>>;
  readonly client: Span | undefined;
  readonly server: Span | undefined;
  /** that says when the call was */
  readonly span: Span;
  /** that says how long the server took */
  readonly timed: Span | undefined;
}

function modelCall(trace: ModelTrace, span: Span): ModelCall | undefined {
  const own = serviceName(span.resource);
  const isClient = ({ kind }: Span) => kind === 3 || kind === 4;
  const isServer = ({ kind }: Span) => kind === 2 || kind === 5;
  const parent = trace.parentOf(span);
  const text = (name: string) => attribute(span.attributes, name);
  const call = (client: string, server: string, type: string, sides: Omit<ModelCall, 'labels' | 'span'>) =>
    client === '' || server === '' ? undefined : { labels: { client, server, connection_type: type }, span, ...sides };
  if (isServer(span) && parent !== undefined && isClient(parent)) {
    const type = parent.kind === 4 || span.kind === 5 ? 'messaging_system' : '';
    return call(serviceName(parent.resource), own, type, { client: parent, server: span, timed: span });
  }
  if (isServer(span) && span.parentSpanId === '') {
    const sides = { client: undefined, server: span, timed: span };
    return call(text('peer.service') ?? 'user', own, 'virtual_node', sides);
  }
  if (!isClient(span) || trace.childrenOf(span).some(isServer)) return undefined;
  const database = ['db.namespace', 'db.name', 'db.system', 'db.system.name']
    .map(text)
    .find((one) => one !== undefined);
  if (database !== undefined) {
    const address = text('network.peer.address');
    const port = text('network.peer.port');
    const peer = address === undefined || port === undefined ? address : `${address}:${port}`;
    const server = text('peer.service') ?? text('server.address') ?? peer ?? database;
    return call(own, server, 'database', { client: span, server: undefined, timed: span });
  }
  const peer = text('peer.service');
  if (peer === undefined) return undefined;
  return call(own, peer, 'virtual_node', { client: span, server: undefined, timed: undefined });
}

function secondsOf(span: Span): number {
  return Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano)) / 1e9;
}

function bounds(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => first * 2 ** n);
}

function sumUp(
  counted: readonly Counted[],
  { by, matchers, windows }: Pick<SpanMetricsRequest, 'by' | 'matchers' | 'windows'>,
  latencyBounds: readonly number[] | undefined,
): readonly LabelledSeries[] {
  const wanted = counted.filter(
    (one) =>
      isIn(one.start, windows) &&
      matchers.every(({ name, op, value }) => {
        const label = one.label(name);
        const holds = op.endsWith('~') ? new RegExp(`^(?:${value})$`, 's').test(label) : label === value;
        return op.startsWith('!') ? !holds : holds;
      }),
  );
  const keys = new Map<string, Counted[]>();
  for (const one of wanted) {
    const key = JSON.stringify(by.map(one.label));
    keys.set(key, [...(keys.get(key) ?? []), one]);
  }
  return [...keys].map(([key, members]) => {
    const values = Array.from({ length: windows.count }, (_, i) => {
      const end = windows.end + BigInt(i) * windows.stepNano;
      const inside = members.filter(({ start }) => isInside(start, end, windows.lengthNano));
      const sum = (of: (one: Counted) => number) => inside.reduce((total, one) => total + one.count * of(one), 0);
      if (latencyBounds === undefined) return [sum(() => 1)];
      const upTo = [...latencyBounds, Infinity].map((bound) => sum(({ seconds }) => (seconds! <= bound ? 1 : 0)));
      return [...upTo, sum(({ seconds }) => seconds!)];
    });
    return { labels: JSON.parse(key) as string[], values: Float64Array.from(values.flat()) };
  });
}

function isIn(start: bigint, windows: MetricWindows): boolean {
  return Array.from({ length: windows.count }, (_, i) => windows.end + BigInt(i) * windows.stepNano).some((end) =>
    isInside(start, end, windows.lengthNano),
  );
}

function isInside(start: bigint, end: bigint, length: bigint | undefined): boolean {
  return start <= end && (length === undefined || start > end - length);
}
