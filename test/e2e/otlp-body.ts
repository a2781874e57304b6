/** Requests put together by hand, so that faults can be put in too. */

export interface SpanFields {
  /** hex; whatever is given is sent */
  readonly traceId: string;
  readonly spanId: string;
  readonly name?: string;
  readonly startNano?: bigint;
  readonly endNano?: bigint;
  /** bytes appended to the span, as further fields */
  readonly extra?: Buffer;
}

/** An `ExportTraceServiceRequest` with one resource, one scope and these spans. */
export function traceRequest(service: string, spans: readonly SpanFields[]): Buffer {
  const serviceName = Buffer.concat([field(1, 'service.name'), field(2, field(1, service))]);
  const resource = field(1, field(1, serviceName));
  const scopeSpans = field(2, Buffer.concat(spans.map((span) => field(2, spanBody(span)))));
  return field(1, Buffer.concat([resource, scopeSpans]));
}

function spanBody({
  traceId,
  spanId,
  name = 'op',
  startNano = 1n,
  endNano = 2n,
  extra = Buffer.alloc(0),
}: SpanFields): Buffer {
  const ids = [field(1, Buffer.from(traceId, 'hex')), field(2, Buffer.from(spanId, 'hex'))];
  return Buffer.concat([...ids, field(5, name), fixed64(7, startNano), fixed64(8, endNano), extra]);
}

/** A length-delimited field. */
export function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

let lastId = 0;

/** Ids that no other call gives. */
export function freshIds(): { traceId: string; spanId: string } {
  lastId++;
  return {
    traceId: `ab${lastId.toString(16).padStart(30, '0')}`,
    spanId: `cd${lastId.toString(16).padStart(14, '0')}`,
  };
}
