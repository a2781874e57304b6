import { useQueryClient } from '@tanstack/react-query';
import { type Field, printField } from '@spoor/traceql';
import { useMemo } from 'react';
import { fetchJson } from '../api/http.ts';
import type { OfferedName, TraceqlOffers } from './traceql-completion.ts';

const staleMilli = 60_000;

/** Names and values from the store. What cannot be had is not offered. */
export function useOffers(): TraceqlOffers {
  const client = useQueryClient();
  return useMemo(() => {
    const ask = async <T>(path: string): Promise<T | undefined> => {
      const queryKey = ['offers', path];
      const queryFn = ({ signal }: { readonly signal: AbortSignal }) => fetchJson<T>(`api/spoor/${path}`, signal);
      return client.fetchQuery({ queryKey, queryFn, staleTime: staleMilli }).catch(() => undefined);
    };
    return {
      async names(scopes, prefix) {
        const answer = await ask<{ names: readonly OfferedName[] }>(`names?${new URLSearchParams({ prefix })}`);
        return (answer?.names ?? []).filter(({ scope }) => scopes === undefined || scopes.includes(scope));
      },
      async values(field: Field, prefix) {
        const parameters = new URLSearchParams({ field: printField(field), prefix });
        return (await ask<{ values: readonly string[] }>(`values?${parameters}`))?.values ?? [];
      },
    };
  }, [client]);
}
