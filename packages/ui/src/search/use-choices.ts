import { useQuery } from '@tanstack/react-query';
import { fetchJson } from '../api/http.ts';
import type { CompletionContext } from './completion-context.ts';

const fieldNames = ['service', 'operation', 'duration', 'status', 'kind', 'error'] as const;
const fixedValues: Readonly<Record<string, readonly string[]>> = {
  status: ['error', 'ok', 'unset'],
  kind: ['server', 'client', 'internal', 'producer', 'consumer'],
  error: ['true', 'false'],
  duration: [],
};
const shownMax = 12;
const staleMilli = 60_000;

interface Offered {
  readonly names?: readonly { readonly name: string }[];
  readonly values?: readonly string[];
}

/** What may stand at the caret: names of the language first, then what the store has. */
export function useChoices(context: CompletionContext | undefined): readonly string[] {
  const field = context?.field;
  const prefix = context?.prefix ?? '';
  const isFixed = field !== undefined && Object.hasOwn(fixedValues, field);
  const parameters = new URLSearchParams(field === undefined ? { prefix } : { name: field, prefix });
  const { data } = useQuery({
    queryKey: ['choices', field ?? '', prefix],
    queryFn: ({ signal }) =>
      fetchJson<Offered>(`api/spoor/${field === undefined ? 'names' : 'values'}?${parameters}`, signal),
    enabled: context !== undefined && !isFixed,
    staleTime: staleMilli,
    // Until the answer for one letter more is there, the last one is filtered here.
    placeholderData: (previous, query) => (query?.queryKey[1] === (field ?? '') ? previous : undefined),
  });
  if (context === undefined) return [];
  const fixed = field === undefined ? fieldNames : isFixed ? fixedValues[field] : [];
  const offered = isFixed ? [] : (data?.names?.map(({ name }) => name) ?? data?.values ?? []);
  const wanted = prefix.toLowerCase();
  const matching = [...fixed, ...offered].filter(
    (choice) => choice.toLowerCase().includes(wanted) && choice !== prefix,
  );
  return [...new Set(matching)].slice(0, shownMax);
}
