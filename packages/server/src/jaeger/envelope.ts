/** One entry of `errors`. Jaeger leaves out what is empty. */
export interface JaegerError {
  readonly code?: number;
  readonly msg: string;
  readonly traceID?: string;
}

export interface EnvelopeFields {
  readonly total?: number;
  readonly errors?: readonly JaegerError[];
  /** ours: `total` is a lower bound, since the search ran out of its budget */
  readonly totalIsLowerBound?: boolean;
}

/**
 * Jaeger's `{"data":…,"total":0,"limit":0,"offset":0,"errors":null}` around data that is JSON already.
 *
 * @param indent  4 for `prettyPrint`, where `data` is indented as a member of the envelope; else 0
 */
export function envelope(data: Uint8Array, fields: EnvelopeFields, indent: 0 | 4): Uint8Array[] {
  const rest = {
    total: fields.total ?? 0,
    limit: 0,
    offset: 0,
    errors: fields.errors !== undefined && fields.errors.length > 0 ? fields.errors : null,
    ...(fields.totalIsLowerBound === true ? { totalIsLowerBound: true } : {}),
  };
  const text = JSON.stringify(rest, undefined, indent);
  const opening = indent === 0 ? '{"data":' : '{\n    "data": ';
  return [Buffer.from(opening), data, Buffer.from(`,${text.slice(1)}`)];
}

/** As {@link envelope}, for plain data. */
export function plainEnvelope(data: unknown, fields: EnvelopeFields, indent: 0 | 4): Uint8Array[] {
  const text = JSON.stringify(data, undefined, indent);
  return envelope(Buffer.from(indent === 0 ? text : text.replaceAll('\n', '\n    ')), fields, indent);
}
