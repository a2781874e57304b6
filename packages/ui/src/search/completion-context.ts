import { isTraceqlText, lexPlain } from '@spoor/traceql';

/** What is being typed at the caret, and which part of the text a choice replaces. */
export interface CompletionContext {
  /** the field whose value is typed; `undefined` while a field's name is */
  readonly field: string | undefined;
  readonly prefix: string;
  readonly from: number;
  readonly to: number;
}

/** `undefined` where nothing can be offered: behind a complete condition, or in a TraceQL query. */
export function completionContext(text: string, caret: number): CompletionContext | undefined {
  if (isTraceqlText(text)) return undefined;
  const tokens = lexPlain(text.slice(0, caret));
  const last = tokens.at(-1);
  const isAtLast = last !== undefined && last.end === caret;
  const op = isAtLast && last.kind !== 'op' ? tokens.at(-2) : last;
  const field = tokens[tokens.indexOf(op!) - 1];
  if (op?.kind === 'op' && field !== undefined) {
    const isStarted = isAtLast && last !== op;
    return { field: field.text, prefix: isStarted ? last.text : '', from: isStarted ? last.start : caret, to: caret };
  }
  if (!isAtLast || last.kind !== 'word') return { field: undefined, prefix: '', from: caret, to: caret };
  return { field: undefined, prefix: last.text, from: last.start, to: caret };
}

/** The text with the choice in place, and where the caret goes. A name brings its `=`. */
export function completed(
  text: string,
  context: CompletionContext,
  choice: string,
): { readonly text: string; readonly caret: number } {
  const quoted = /^[\w./:@{}*+%-]+$/.test(choice) ? choice : JSON.stringify(choice);
  const inserted = context.field === undefined ? `${choice}=` : `${quoted} `;
  return {
    text: text.slice(0, context.from) + inserted + text.slice(context.to),
    caret: context.from + inserted.length,
  };
}
