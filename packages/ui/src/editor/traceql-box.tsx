import { useEffect, useLayoutEffect, useRef } from 'react';
import { useStrings } from '../strings/use-strings.tsx';
import type { openEditor, TraceqlEditor } from './traceql-editor.ts';
import type { TextSelection } from '../search/query-box.tsx';
import { useOffers } from './use-offers.ts';

/** The TraceQL editor as a field of the page. */
export function TraceqlBox(props: {
  readonly open: typeof openEditor;
  readonly value: string;
  /** where the caret goes at first; not focused without */
  readonly focusAt: TextSelection | undefined;
  readonly isInvalid: boolean;
  readonly onChange: (value: string) => void;
  readonly onRun: () => void;
  readonly onDiagnosis: (message: string | undefined) => void;
}) {
  const { open, value, isInvalid } = props;
  const t = useStrings();
  const offers = useOffers();
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<TraceqlEditor>(undefined);
  const latest = useRef(props);
  latest.current = props;
  // Texts that the editor has told and that have not come back as `value` yet: React is a few keys behind.
  const told = useRef<string[]>([]);
  useLayoutEffect(() => {
    const { focusAt, value: text } = latest.current;
    const opened = open(host.current!, {
      text,
      label: t.queryLabel,
      hint: t.queryHint,
      nameOfKind: t.offerKind,
      suggestionLabel: t.writeSuggestion,
      offers,
      onChange: (next) => {
        told.current.push(next);
        latest.current.onChange(next);
      },
      onRun: () => latest.current.onRun(),
      onDiagnosis: (message) => latest.current.onDiagnosis(message),
    });
    editor.current = opened;
    told.current = [text];
    if (focusAt !== undefined) opened.takeOver(focusAt);
    return () => opened.close();
  }, [open, offers, t]);
  useEffect(() => {
    const at = told.current.indexOf(value);
    told.current.splice(0, at + 1);
    if (at < 0) editor.current?.setText(value);
  }, [value]);
  return <div ref={host} className={`se-traceql${isInvalid ? ' is-invalid' : ''}`} />;
}
