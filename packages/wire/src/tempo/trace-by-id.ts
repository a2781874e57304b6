import { ProtobufWriter } from '@spoor/model';

/** What is said beside a trace: that it is not all of it, and why. */
export interface TraceRemark {
  /** empty: it is whole */
  readonly partial: string;
}

const encoder = new TextEncoder();

/**
 * `TraceByIDResponse` around the body of a trace, which is not copied. An absent trace is an empty message, never a
 * missing one: Grafana follows the pointer.
 *
 *    1 trace  Trace   2 metrics  TraceByIDMetrics   3 status  PartialStatus (PARTIAL 1)   4 message  string
 *
 * Source: grafana/tempo, pkg/tempopb/tempo.proto.
 */
export function traceByIdProtobuf(trace: Uint8Array | undefined, { partial }: TraceRemark): readonly Uint8Array[] {
  const head = new ProtobufWriter();
  head.varint((1 << 3) | 2);
  head.varint(trace?.length ?? 0);
  const tail = new ProtobufWriter();
  tail.end(tail.begin(2));
  if (partial !== '') {
    tail.varintField(3, 1);
    tail.stringField(4, partial);
  }
  return [head.finish(), ...(trace === undefined ? [] : [trace]), tail.finish()];
}

/** The same as JSON, around `{"resourceSpans":[…]}`. */
export function traceByIdJson(trace: Uint8Array | undefined, { partial }: TraceRemark): readonly Uint8Array[] {
  const remark = partial === '' ? '' : `,"status":"PARTIAL","message":${JSON.stringify(partial)}`;
  return [encoder.encode('{"trace":'), trace ?? encoder.encode('{}'), encoder.encode(`,"metrics":{}${remark}}`)];
}
