/**
 * What became of the spans of one request. Spans that can never be found again (no valid trace or span id) are
 * rejected one by one and reported to the sender as a partial success; everything else is all or nothing.
 */
export interface DecodeResult {
  /** spans pushed into the sink */
  readonly spanCount: number;
  readonly rejectedSpanCount: number;
  /** why the first rejected span was rejected; `undefined` when none was */
  readonly rejectedReason: string | undefined;
}
