import { useQuery } from '@tanstack/react-query';
import { fetchText } from '../api/http.ts';
import { useStrings } from '../strings/use-strings.tsx';

/** More text than this makes the browser, not the reader, busy. */
const shownCharactersMax = 300_000;

/** The trace as OTLP JSON, indented. */
export function TraceJson({ traceId }: { readonly traceId: string }) {
  const t = useStrings();
  const { data, error } = useQuery({
    queryKey: ['otlp', traceId],
    queryFn: ({ signal }) => fetchText(`api/spoor/trace/${traceId}/otlp`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error !== null) return <p className="sp-notice error">{error.message}</p>;
  if (data === undefined) return <p className="tr-view pad sp-soft">{t.loading}</p>;
  const isLong = data.length > shownCharactersMax;
  return (
    <div className="tr-view pad" tabIndex={0} role="region" aria-label={t.json}>
      {isLong && <p className="sp-notice">{t.jsonTooLong(`${(data.length / 1e6).toFixed(1)} MB`)}</p>}
      <pre>{isLong ? data.slice(0, shownCharactersMax) : JSON.stringify(JSON.parse(data), undefined, 2)}</pre>
    </div>
  );
}
