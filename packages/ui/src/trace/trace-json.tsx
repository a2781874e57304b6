import { useQuery } from '@tanstack/react-query';
import { fetchText } from '../api/http.ts';
import { useStrings } from '../strings/use-strings.tsx';

/** More text than this makes the browser, not the reader, busy. */
const shownCharactersMax = 300_000;

/** Where the trace is as OTLP JSON, and as Jaeger's without its adjustments. */
const pathsOf = {
  json: (traceId: string) => `api/spoor/trace/${traceId}/otlp`,
  raw: (traceId: string) => `api/traces/${traceId}?raw=true`,
} as const;

/** The whole trace as text, indented. */
export function TraceJson({ traceId, form }: { readonly traceId: string; readonly form: keyof typeof pathsOf }) {
  const t = useStrings();
  const { data, error } = useQuery({
    queryKey: ['text', form, traceId],
    queryFn: ({ signal }) => fetchText(pathsOf[form](traceId), signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error !== null) return <p className="sp-notice error">{error.message}</p>;
  if (data === undefined) return <p className="tr-view pad sp-soft">{t.loading}</p>;
  const isLong = data.length > shownCharactersMax;
  return (
    <div className="tr-view pad" tabIndex={0} role="region" aria-label={t[form]}>
      {form === 'raw' && <p className="sp-soft">{t.rawHint}</p>}
      {isLong && <p className="sp-notice">{t.jsonTooLong(`${(data.length / 1e6).toFixed(1)} MB`)}</p>}
      <pre>{isLong ? data.slice(0, shownCharactersMax) : JSON.stringify(JSON.parse(data), undefined, 2)}</pre>
    </div>
  );
}
