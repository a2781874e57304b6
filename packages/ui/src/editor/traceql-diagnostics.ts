import { type Diagnostic, linter } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { diagnose, type TraceqlError } from '@spoor/traceql';

/** So long after the last key the text counts as meant: half-written queries are not wrong yet. */
const restMilli = 500;

/** Underlines what the parser stumbles over, with its message and, where it has a guess, a button that writes it. */
export function traceqlDiagnostics(options: {
  readonly suggestionLabel: (suggestion: string) => string;
  /** is told what is wrong first, and `undefined` when nothing is (any more) */
  readonly onDiagnosis: (message: string | undefined) => void;
}): Extension {
  return linter(
    (view) => {
      const text = view.state.doc.toString();
      const found = text.trim() === '' ? [] : diagnose(text);
      options.onDiagnosis(found[0]?.message);
      return found.map((error) => diagnosticOf(error, text.length, options.suggestionLabel));
    },
    { delay: restMilli },
  );
}

function diagnosticOf(error: TraceqlError, length: number, label: (suggestion: string) => string): Diagnostic {
  const { position, suggestion } = error;
  const from = Math.min(position?.offset ?? 0, length);
  const to = Math.min(Math.max(error.end ?? length, from), length);
  return {
    from,
    to,
    severity: 'error',
    message: error.message,
    ...(suggestion !== undefined && {
      actions: [
        {
          name: label(suggestion),
          apply: (view: EditorView, at: number, end: number) =>
            view.dispatch({ changes: { from: at, to: end, insert: suggestion }, userEvent: 'input.complete' }),
        },
      ],
    }),
  };
}
