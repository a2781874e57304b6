import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { Link } from 'wouter';
import { ApiError } from '../api/http.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { fetchSkeleton, traceIdOfPath, useLateSpans } from './trace-data.ts';
import { traceModel } from './trace-model.ts';
import { TraceView } from './trace-view.tsx';

/** `/trace/{id}`: fetches the skeleton, then shows it. */
export function TracePage({ detail: id }: { readonly detail: string }) {
  const t = useStrings();
  const traceId = traceIdOfPath(id);
  const { data, error } = useQuery({
    queryKey: ['skeleton', traceId],
    queryFn: ({ signal }) => fetchSkeleton(traceId!, signal),
    enabled: traceId !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const model = useMemo(() => (data === undefined ? undefined : traceModel(data)), [data]);
  const late = useLateSpans(traceId ?? '', data, model?.traceDurationNano ?? 0);
  const client = useQueryClient();
  useEffect(() => {
    document.title =
      model === undefined ? 'Spoor' : `${model.skeleton.services[0]} ${model.skeleton.operations[0]?.name} · Spoor`;
  }, [model]);
  if (traceId === undefined || (error instanceof ApiError && error.status === 404)) return <NotFound id={id} />;
  if (error !== null) return <p className="sp-page sp-notice error">{error.message}</p>;
  if (model === undefined) return <p className="sp-page sp-soft">{t.loading}</p>;
  const lateCount = late === undefined ? 0 : late.spanCount - model.spanCount;
  return (
    <TraceView
      key={`${traceId} ${model.spanCount}`}
      model={model}
      lateCount={lateCount}
      onLoadLate={() => client.setQueryData(['skeleton', traceId], late)}
    />
  );
}

function NotFound({ id }: { readonly id: string }) {
  const t = useStrings();
  return (
    <div className="sp-page">
      <h1>{t.traceNotFound}</h1>
      <p>
        <code>{id}</code>
      </p>
      <p className="sp-soft">{t.traceNotFoundHint}</p>
      <p>
        <Link href="/search">{t.search}</Link>
      </p>
    </div>
  );
}
