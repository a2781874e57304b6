/** One request of the page. */
export interface PageAsk {
  readonly tenant: string;
  /** of the path below `/api/spoor/`, decoded */
  readonly segments: readonly string[];
  readonly parameters: URLSearchParams;
  readonly signal: AbortSignal;
  /** is told what is known of the answer; `make` is called when that is sent, if it is. Absent when nobody wants it. */
  readonly onSoFar: ((make: () => object) => void) | undefined;
}
