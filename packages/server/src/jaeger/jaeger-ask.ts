/** A question to Jaeger's API as its handlers see it. */
export interface JaegerAsk {
  readonly tenant: string;
  /** the path below `/api/`, percent-encoded */
  readonly segments: readonly string[];
  readonly parameters: URLSearchParams;
  /** fires when the client goes away */
  readonly signal: AbortSignal;
  /** 4 for `prettyPrint` */
  readonly indent: 0 | 4;
}

export interface JaegerAnswer {
  /** 200 when absent */
  readonly status?: number;
  /** JSON when absent */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
}
