import type { QueryProgress } from '@spoor/query';

/** How far a query came, as the page shows it. */
export interface PageProgress {
  readonly spanCount: number;
  /** segments and heads */
  readonly sourceCount: number;
  readonly doneSourceCount: number;
}

export function pageProgress({ inspectedSpanCount, sourceCount, doneSourceCount }: QueryProgress): PageProgress {
  return { spanCount: inspectedSpanCount, sourceCount, doneSourceCount };
}
