import { ProtobufWriter } from '@spoor/model';

/**
 * Stands in for the reference capture where that is not at hand, with its statistics as counted: about 4,700 spans in
 * 1,000 traces (median 3 spans, at most 55) over 43 s, 17 services, some 10 attributes a span and 9 a resource, a UUID
 * on every fifth span, 480 bytes a span in requests of 47 spans. The same on every call.
 */
export function synthesizeRequests(): readonly Uint8Array[] {
  const random = new Random(1);
  const spans: SyntheticSpan[] = [];
  for (let i = 0; i < TRACES; i++) synthesizeTrace(random, Math.floor((i / TRACES) * EXTENT_NANO), spans);
  // An exporter sends by end time, which mixes traces and services as in real life.
  spans.sort((a, b) => a.endNano - b.endNano);
  const bodies: Uint8Array[] = [];
  for (let first = 0; first < spans.length; first += SPANS_PER_REQUEST) {
    bodies.push(writeRequest(spans.slice(first, first + SPANS_PER_REQUEST), random));
  }
  return bodies;
}

const TRACES = 1021;
const EXTENT_NANO = 43e9;
const SPANS_PER_REQUEST = 47;
const EPOCH_UNIX_NANO = 1_750_000_000_000_000_000n;

const services = (
  'frontend-proxy frontend cart checkout payment shipping quote currency product-catalog recommendation ' +
  'ad email accounting fraud-detection image-provider flagd load-generator'
).split(' ');
const verbs = ['GET', 'POST', 'PUT', 'Get', 'List', 'Place', 'Convert', 'Resolve'];
const nouns = ['cart', 'products', 'order', 'currency', 'quote', 'boolean-flag', 'recommendations', 'ads'];
const userAgents = ['python-requests/2.32.3', 'grpc-node-js/1.12.6', 'Mozilla/5.0 (X11; Linux x86_64)'];

interface SyntheticSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array | undefined;
  readonly service: number;
  readonly startNano: number;
  readonly endNano: number;
}

/** A multiplicative congruential generator: plenty for making data, and the same everywhere. */
class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 (included) to `below`. */
  integer(below: number): number {
    this.#state = (this.#state * 48_271) % 0x7fff_ffff;
    return Math.floor((this.#state / 0x7fff_ffff) * below);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.integer(list.length)];
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.integer(256));
  }
}

function synthesizeTrace(random: Random, startNano: number, spans: SyntheticSpan[]): void {
  // Mostly 1–5 spans, one trace in eighteen up to 55.
  const count = random.integer(18) === 0 ? 6 + random.integer(50) : 1 + random.integer(5);
  const traceId = random.bytes(16);
  const own: SyntheticSpan[] = [];
  for (let i = 0; i < count; i++) {
    const parent = i === 0 ? undefined : own[random.integer(own.length)];
    const begin =
      parent === undefined ? startNano : parent.startNano + random.integer(parent.endNano - parent.startNano);
    const length = parent === undefined ? 1e5 + random.integer(2e7) : 1 + random.integer(parent.endNano - begin + 1);
    own.push({
      traceId,
      spanId: random.bytes(8),
      parentSpanId: parent?.spanId,
      service: parent !== undefined && random.integer(2) === 0 ? parent.service : random.integer(services.length),
      startNano: begin,
      endNano: begin + length,
    });
  }
  spans.push(...own);
}

function writeRequest(spans: readonly SyntheticSpan[], random: Random): Uint8Array {
  const writer = new ProtobufWriter(1 << 15);
  const byService = Map.groupBy(spans, (span) => span.service);
  for (const [service, group] of byService) {
    const resourceSpans = writer.begin(1);
    const resource = writer.begin(1);
    writeResource(writer, service);
    writer.end(resource);
    const scopeSpans = writer.begin(2);
    const scope = writer.begin(1);
    writer.stringField(1, `@opentelemetry/instrumentation-${services[service]}`);
    writer.stringField(2, '0.57.1');
    writer.end(scope);
    for (const span of group) writeSpan(writer, span, random);
    writer.end(scopeSpans);
    writer.end(resourceSpans);
  }
  return writer.finish();
}

function writeResource(writer: ProtobufWriter, service: number): void {
  const attributes = {
    'service.name': services[service],
    'service.namespace': 'opentelemetry-demo',
    'service.version': '2.0.2',
    'telemetry.sdk.language': ['nodejs', 'go', 'java', 'python'][service % 4],
    'telemetry.sdk.name': 'opentelemetry',
    'host.name': `82963052a4${(16 + service).toString(16)}`,
    'os.type': 'linux',
    'process.executable.name': services[service],
  };
  for (const [key, value] of Object.entries(attributes)) writeAttribute(writer, 1, key, value);
  writeAttribute(writer, 1, 'process.pid', 17 + service);
}

function writeSpan(writer: ProtobufWriter, span: SyntheticSpan, random: Random): void {
  const body = writer.begin(2);
  const route = `/api/${random.pick(nouns)}`;
  // Where errors show first, so that questions about one service find some.
  const isError = random.integer(services[span.service] === 'frontend' ? 40 : 500) === 0;
  writer.bytesField(1, span.traceId);
  writer.bytesField(2, span.spanId);
  if (span.parentSpanId !== undefined) writer.bytesField(4, span.parentSpanId);
  writer.stringField(5, `${random.pick(verbs)} ${route}`);
  writer.varintField(6, 1 + random.integer(3));
  writer.fixed64Field(7, EPOCH_UNIX_NANO + BigInt(span.startNano));
  writer.fixed64Field(8, EPOCH_UNIX_NANO + BigInt(span.endNano));
  writeAttribute(writer, 9, 'http.method', random.pick(['GET', 'POST']));
  writeAttribute(writer, 9, 'http.status_code', isError ? 500 : 200);
  writeAttribute(writer, 9, 'http.url', `http://frontend:8080${route}/${random.integer(200)}`);
  writeAttribute(writer, 9, 'http.user_agent', random.pick(userAgents));
  writeAttribute(writer, 9, 'net.peer.ip', `172.19.0.${random.integer(27)}`);
  writeAttribute(writer, 9, 'net.peer.port', 37_000 + random.integer(400));
  writeAttribute(writer, 9, 'upstream', random.pick(services));
  writeAttribute(writer, 9, 'size', `${random.integer(100_000)}`);
  writeAttribute(writer, 9, 'component', 'proxy');
  if (random.integer(5) === 0) writeAttribute(writer, 9, 'guid:x-request-id', uuid(random));
  else writeAttribute(writer, 9, 'app.product.id', `${random.pick(nouns)}-${random.integer(10)}`);
  if (random.integer(20) === 0) writeEvent(writer, span);
  if (isError) writer.raw(Uint8Array.of((15 << 3) | 2, 2, 3 << 3, 2));
  writer.fixed32Field(16, 0x101);
  writer.end(body);
}

function writeEvent(writer: ProtobufWriter, span: SyntheticSpan): void {
  const event = writer.begin(11);
  writer.fixed64Field(1, EPOCH_UNIX_NANO + BigInt(span.startNano));
  writer.stringField(2, 'message');
  writeAttribute(writer, 3, 'message.type', 'SENT');
  writer.end(event);
}

function writeAttribute(writer: ProtobufWriter, field: number, key: string, value: string | number): void {
  const attribute = writer.begin(field);
  writer.stringField(1, key);
  const anyValue = writer.begin(2);
  if (typeof value === 'string') writer.stringField(1, value);
  else writer.intField(3, value);
  writer.end(anyValue);
  writer.end(attribute);
}

function uuid(random: Random): string {
  const hex = Buffer.from(random.bytes(16)).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
