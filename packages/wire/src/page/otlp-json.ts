/** The parts of an OTLP/JSON answer that the page reads. Fields of their default value are left out. */
export interface OtlpJson {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes?: readonly OtlpJsonAttribute[];
      readonly droppedAttributesCount?: number;
    };
    readonly scopeSpans: readonly { readonly scope: OtlpJsonScope; readonly spans: readonly OtlpJsonSpan[] }[];
  }[];
}

export interface OtlpJsonAttribute {
  readonly key: string;
  readonly value: OtlpJsonValue;
}

/** One field, or none for an empty value. */
export interface OtlpJsonValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  /** a string when it is not finite */
  readonly doubleValue?: number | string;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values: readonly OtlpJsonValue[] };
  readonly kvlistValue?: { readonly values: readonly OtlpJsonAttribute[] };
}

export interface OtlpJsonScope {
  readonly name?: string;
  readonly version?: string;
  readonly attributes?: readonly OtlpJsonAttribute[];
  readonly droppedAttributesCount?: number;
}

export interface OtlpJsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string;
  readonly startTimeUnixNano?: string;
  readonly attributes?: readonly OtlpJsonAttribute[];
  readonly droppedAttributesCount?: number;
  readonly events?: readonly OtlpJsonEvent[];
  readonly droppedEventsCount?: number;
  readonly links?: readonly OtlpJsonLink[];
  readonly droppedLinksCount?: number;
  readonly status?: { readonly code?: number; readonly message?: string };
}

export interface OtlpJsonEvent {
  readonly timeUnixNano?: string;
  readonly name?: string;
  readonly attributes?: readonly OtlpJsonAttribute[];
  readonly droppedAttributesCount?: number;
}

export interface OtlpJsonLink {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: readonly OtlpJsonAttribute[];
  readonly droppedAttributesCount?: number;
}
