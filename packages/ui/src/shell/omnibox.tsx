import { traceIdIn } from '@spoor/traceql';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useStrings } from '../strings/use-strings.tsx';

/** Opens what a text means: a trace when an id is in it, otherwise a search for it. */
export function useOpenText(): (text: string, isOnlyId?: boolean) => boolean {
  const [, navigate] = useLocation();
  return (text, isOnlyId = false) => {
    const traceId = traceIdIn(text);
    if (traceId !== undefined) navigate(`/trace/${traceId}`);
    else if (!isOnlyId && text.trim() !== '') navigate(`/search?q=${encodeURIComponent(text.trim())}`);
    else return false;
    return true;
  };
}

/** The box in the bar. */
export function Omnibox() {
  const t = useStrings();
  const [text, setText] = useState('');
  const open = useOpenText();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (open(text)) setText('');
  };
  return (
    <form className="sp-omnibox" role="search" onSubmit={submit}>
      <input
        className="sp-input"
        type="search"
        aria-label={t.omnibox}
        placeholder={t.omnibox}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
    </form>
  );
}
