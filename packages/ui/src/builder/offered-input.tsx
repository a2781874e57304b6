import { useQuery } from '@tanstack/react-query';
import { type Field, parseConstant, printField } from '@spoor/traceql';
import { useId, useState } from 'react';
import type { TraceqlOffers } from '../editor/traceql-completion.ts';
import { valueText } from './row-value.ts';

const intrinsics = [
  'name',
  'status',
  'kind',
  'duration',
  'statusMessage',
  'rootName',
  'rootServiceName',
  'traceDuration',
  'event:name',
  'instrumentation:name',
] as const;

interface InputProps {
  readonly label: string;
  readonly value: string;
  readonly isInvalid: boolean;
  readonly offers: TraceqlOffers;
  readonly onChange: (value: string) => void;
}

/** A field's name: of the span itself, or an attribute that the store has. */
export function FieldInput(props: InputProps) {
  const { value, offers } = props;
  const word = value.replace(/^(span|resource|event|link|instrumentation)?\./, '');
  const load = async (): Promise<readonly string[]> => {
    const names = await offers.names(undefined, word);
    return [...intrinsics, ...names.map(({ scope, name }) => printField({ kind: 'attribute', scope, name }))];
  };
  return <OfferedInput {...props} queryKey={['fields', word]} load={load} />;
}

/** A value of a field; without one, any text. */
export function ValueInput({ field, ...props }: InputProps & { readonly field: Field | undefined }) {
  const { value, offers } = props;
  const prefix = value.replace(/^"/, '');
  const load = async (): Promise<readonly string[]> => {
    if (field === undefined) return [];
    const literals = await offers.values(field, prefix);
    return literals.map((literal) => typedText(literal, field)).filter((text) => text !== undefined);
  };
  return (
    <OfferedInput {...props} queryKey={['values', field === undefined ? '' : printField(field), prefix]} load={load} />
  );
}

/** As it is typed beside its field. */
function typedText(literal: string, field: Field): string | undefined {
  const value = parseConstant(literal);
  return value && valueText(value, field, 'plain');
}

function OfferedInput(
  props: InputProps & { readonly queryKey: readonly string[]; readonly load: () => Promise<readonly string[]> },
) {
  const { label, value, isInvalid, onChange, queryKey, load } = props;
  const listId = useId();
  const [isFocused, setFocused] = useState(false);
  const { data } = useQuery({ queryKey: ['builder', ...queryKey], queryFn: load, enabled: isFocused });
  return (
    <>
      <input
        className="sp-input"
        aria-label={label}
        aria-invalid={isInvalid}
        placeholder={label}
        value={value}
        list={listId}
        spellCheck={false}
        autoComplete="off"
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={listId}>{isFocused && data?.map((offer) => <option key={offer} value={offer} />)}</datalist>
    </>
  );
}
