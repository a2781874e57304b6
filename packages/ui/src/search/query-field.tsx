import { isTraceqlText } from '@spoor/traceql';
import { useState } from 'react';
import { TraceqlBox } from '../editor/traceql-box.tsx';
import { useLoaded } from '../shell/use-loaded.ts';
import { QueryBox, type TextSelection } from './query-box.tsx';

const loadEditor = () => import('../editor/traceql-editor.ts');

/**
 * What is asked, as text: words in a plain field, TraceQL in its editor. Which of them it is follows from the text; the
 * plain field stands in until the editor is there, and hands over text and caret.
 */
export function QueryField(props: {
  readonly value: string;
  readonly isInvalid: boolean;
  readonly messageId: string;
  readonly onChange: (value: string) => void;
  readonly onRun: () => void;
  readonly onDiagnosis: (message: string | undefined) => void;
}) {
  const { value, isInvalid, messageId, onChange, onRun, onDiagnosis } = props;
  const isTraceqlNow = isTraceqlText(value);
  const [isTraceql, setTraceql] = useState(isTraceqlNow);
  // An emptied field stays what it was.
  if (isTraceqlNow !== isTraceql && (isTraceqlNow || value.trim() !== '')) setTraceql(isTraceqlNow);
  const [isFocused, setFocused] = useState(false);
  const [selection, setSelection] = useState<TextSelection>();
  const editor = useLoaded(loadEditor, isTraceql || isFocused);
  const focusAt = isFocused ? (selection ?? { start: value.length, end: value.length }) : undefined;
  return (
    <div onFocus={() => setFocused(true)} onBlur={() => setFocused(false)}>
      {isTraceql && editor !== undefined ? (
        <TraceqlBox
          open={editor.openEditor}
          onChange={(text) => {
            setSelection(undefined);
            onChange(text);
          }}
          {...{ value, focusAt, isInvalid, onRun, onDiagnosis }}
        />
      ) : (
        <QueryBox {...{ value, focusAt, isInvalid, messageId, onChange }} onSelect={setSelection} />
      )}
    </div>
  );
}
