import { useMutation } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { postJson } from '../api/http.ts';
import { useStrings } from '../strings/use-strings.tsx';

/** Stores the example trace through the receiver and opens it. */
export function TestTraceButton({ isQuiet = false }: { readonly isQuiet?: boolean }) {
  const t = useStrings();
  const [, navigate] = useLocation();
  const sending = useMutation({
    mutationFn: () => postJson<{ traceId: string }>('api/spoor/test-trace'),
    onSuccess: ({ traceId }) => navigate(`/trace/${traceId}`),
  });
  return (
    <>
      <button
        type="button"
        className={`sp-button ${isQuiet ? '' : 'primary'}`}
        disabled={sending.isPending}
        onClick={() => sending.mutate()}
      >
        {sending.isPending ? t.sending : t.sendTest}
      </button>
      {sending.error !== null && <span className="sp-error">{sending.error.message}</span>}
    </>
  );
}
