import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { formatDuration } from '../format/duration.ts';
import { formatCount } from '../format/number.ts';
import { serviceColor } from '../format/service-color.ts';
import { formatAgo, formatTime } from '../format/time.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { AnswerNotes, AnswerProgress } from './answer-state.tsx';
import { isWhole } from './growing-answer.ts';
import type { TraceSummary, useSearch } from './search-data.ts';
import { SpanSets } from './span-sets.tsx';

/** The traces found, with their durations side by side; the next page comes as its end scrolls near. */
export function ResultList(props: {
  readonly results: ReturnType<typeof useSearch>;
  readonly order: 'newest' | 'longest';
  readonly onOrder: (order: 'newest' | 'longest') => void;
}) {
  const { results, order, onOrder } = props;
  const { strings: t, locale } = useLanguage();
  const pages = results.data?.pages ?? [];
  const traces = pages.flatMap((page) => page.traces);
  if (results.error !== null && pages.length === 0) return null;
  const { answerRun } = results;
  const first = pages[0];
  if (first === undefined) return <AnswerProgress answer={first} run={answerRun} />;
  return (
    <section aria-busy={answerRun.isRunning}>
      <div className="se-head">
        <h2 role="status" aria-live={answerRun.isRunning ? 'off' : 'polite'}>
          {t.traceCount(formatCount(first.total, locale), first.totalIsExact)}
        </h2>
        <AnswerProgress answer={results.isPlaceholderData ? undefined : first} run={answerRun} />
        <label>
          <span className="sp-hidden">{t.order}</span>
          <select
            className="sp-input"
            value={order}
            onChange={(event) => onOrder(event.target.value as 'newest' | 'longest')}
          >
            <option value="newest">{t.newest}</option>
            <option value="longest">{t.longest}</option>
          </select>
        </label>
      </div>
      <AnswerNotes answer={pages.find((page) => !isWhole(page)) ?? first} />
      {traces.length > 0 ? <TraceList traces={traces} /> : !answerRun.isRunning && isWhole(first) && <Nothing />}
      <MoreSentinel results={results} />
      {traces.length > 20 && !results.hasNextPage && <p className="sp-soft se-end">{t.endOfList}</p>}
    </section>
  );
}

function Nothing() {
  const { strings: t } = useLanguage();
  return (
    <div className="sp-card">
      <p>{t.noTraces}</p>
      <p className="sp-soft">{t.noTracesHint}</p>
    </div>
  );
}

/** A list of traces, each a link; the bar compares the durations within the list. */
export function TraceList({ traces }: { readonly traces: readonly TraceSummary[] }) {
  const longestNano = traces.reduce((longest, { durationNano }) => Math.max(longest, durationNano), 1);
  return (
    <ol className="se-list">
      {traces.map((trace) => (
        <TraceItem key={trace.traceId} trace={trace} longestNano={longestNano} />
      ))}
    </ol>
  );
}

const shownServicesMax = 6;

function TraceItem({ trace, longestNano }: { readonly trace: TraceSummary; readonly longestNano: number }) {
  const { strings: t, locale } = useLanguage();
  const rest = trace.services.length - shownServicesMax;
  return (
    <li>
      <Link href={`/trace/${trace.traceId}`} className="se-item">
        <span className="se-title">
          {!trace.isRooted && <span className="sp-soft">{t.missingRoot}: </span>}
          <strong>
            <bdi>{trace.rootService === '' ? t.unnamedService : trace.rootService}</bdi>
          </strong>{' '}
          <bdi>{trace.rootName}</bdi>
        </span>
        <span className="se-time" title={formatTime(trace.startMilli, locale)}>
          {formatAgo(trace.startMilli, locale)}
        </span>
        <span className="se-bar">
          <span
            style={{ width: `${Math.max(0.5, (trace.durationNano / longestNano) * 100)}%` }}
            className={trace.errorCount > 0 ? 'error' : ''}
          />
          <span className="se-duration">{formatDuration(trace.durationNano)}</span>
        </span>
        <span className="se-facts">
          <span>{t.spans(formatCount(trace.spanCount, locale))}</span>
          {trace.errorCount > 0 && (
            <span className="sp-error">⚠ {t.errors(formatCount(trace.errorCount, locale))}</span>
          )}
          {trace.matchedCount > 0 && trace.matchedCount < trace.spanCount && (
            <span>{t.matchedSpans(formatCount(trace.matchedCount, locale))}</span>
          )}
          {trace.services.slice(0, shownServicesMax).map(({ name, spanCount }) => (
            <span key={name} className="se-service">
              <span className="sp-dot" style={{ background: serviceColor(name) }} /> <bdi>{name}</bdi> {spanCount}
            </span>
          ))}
          {rest > 0 && <span>{t.moreServices(rest)}</span>}
        </span>
      </Link>
      {trace.spanSets !== undefined && <SpanSets traceId={trace.traceId} sets={trace.spanSets} />}
    </li>
  );
}

function MoreSentinel({ results }: { readonly results: ReturnType<typeof useSearch> }) {
  const { strings: t } = useLanguage();
  const sentinel = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetching, isFetchingNextPage, fetchNextPage } = results;
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting && hasNextPage && !isFetching) void fetchNextPage();
      },
      { rootMargin: '600px' },
    );
    observer.observe(sentinel.current!);
    return () => observer.disconnect();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return <div ref={sentinel}>{isFetchingNextPage && <p className="sp-soft">{t.loading}</p>}</div>;
}
