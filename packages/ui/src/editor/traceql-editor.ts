/**
 * The TraceQL editor: CodeMirror around the language's own lexer, parser and completion. A file of its own, loaded when
 * somebody writes TraceQL. It knows nothing of React.
 */
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionStatus,
  moveCompletionSelection,
  selectedCompletionIndex,
  startCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewline } from '@codemirror/commands';
import { diagnosticCount, forceLinting, lintKeymap } from '@codemirror/lint';
import { Annotation, EditorState, type Extension, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { diagnose } from '@spoor/traceql';
import { editorTheme } from './editor-theme.ts';
import { type OfferKind, traceqlCompletion, type TraceqlOffers } from './traceql-completion.ts';
import { traceqlDiagnostics } from './traceql-diagnostics.ts';
import { traceqlHighlighting } from './traceql-highlighting.ts';

export interface EditorOptions {
  readonly text: string;
  readonly label: string;
  readonly hint: string;
  readonly nameOfKind: (kind: OfferKind) => string;
  readonly suggestionLabel: (suggestion: string) => string;
  readonly offers: TraceqlOffers;
  readonly onChange: (text: string) => void;
  /** Enter, when the text is sound */
  readonly onRun: () => void;
  readonly onDiagnosis: (message: string | undefined) => void;
}

export interface TraceqlEditor {
  /** Takes a text from outside; the caret stays where it was as far as it can. */
  setText(text: string): void;
  /** Goes on where somebody was typing, offers included. */
  takeOver(selection: { readonly start: number; readonly end: number }): void;
  close(): void;
}

/** Marks changes that come from outside, which are not told back. */
const fromOutside = Annotation.define<true>();

/**
 * Puts an editor into an element's shadow tree: its style sheet is adopted there, where a strict content security policy
 * lets it be, and the page's styles keep away.
 */
export function openEditor(host: HTMLElement, options: EditorOptions): TraceqlEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true });
  const state = EditorState.create({ doc: options.text, extensions: extensionsOf(options) });
  const view = new EditorView({ state, root, parent: root });
  forceLinting(view);
  return {
    setText(text) {
      if (text === view.state.doc.toString()) return;
      const { anchor } = view.state.selection.main;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        selection: { anchor: Math.min(anchor, text.length) },
        annotations: fromOutside.of(true),
      });
      forceLinting(view);
    },
    takeOver({ start, end }) {
      const clamp = (offset: number): number => Math.min(offset, view.state.doc.length);
      view.dispatch({ selection: { anchor: clamp(start), head: clamp(end) } });
      view.focus();
      startCompletion(view);
    },
    close: () => view.destroy(),
  };
}

function extensionsOf(options: EditorOptions): Extension[] {
  return [
    history(),
    EditorView.lineWrapping,
    closeBrackets(),
    // Not quotes: whether one opens or closes a text is not known by its neighbours.
    EditorState.languageData.of(() => [{ closeBrackets: { brackets: ['(', '{'] } }]),
    placeholder(options.hint),
    traceqlHighlighting,
    traceqlDiagnostics(options),
    autocompletion({
      override: [traceqlCompletion(options.offers, options.nameOfKind)],
      // Enter runs the query unless an offer was chosen on purpose.
      selectOnOpen: false,
      interactionDelay: 0,
      icons: false,
      // As many as are seen without scrolling; the list moves along with the choice.
      maxRenderedOptions: 10,
      activateOnCompletion: ({ type }) => type === 'scope' || type === 'intrinsic' || type === 'attribute',
    }),
    Prec.high(keymap.of(keysOf(options))),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
    EditorView.contentAttributes.of(({ state }) => ({
      'aria-label': options.label,
      'aria-invalid': String(diagnosticCount(state) > 0),
    })),
    EditorView.updateListener.of(({ docChanged, state, transactions }) => {
      if (!docChanged || transactions.some((each) => each.annotation(fromOutside))) return;
      options.onChange(state.doc.toString());
    }),
    editorTheme,
  ];
}

function keysOf({ onRun }: EditorOptions) {
  return [
    { key: 'Tab', run: takeFirstOffer },
    { key: 'Shift-Enter', run: insertNewline },
    { key: 'Enter', run: (view: EditorView) => run(view, onRun) },
    { key: 'Mod-Enter', run: (view: EditorView) => run(view, onRun) },
    { key: 'Escape', run: leave },
  ];
}

/** The chosen offer, or the first. Without a list Tab goes on to the next field, as everywhere. */
function takeFirstOffer(view: EditorView): boolean {
  if (completionStatus(view.state) !== 'active') return false;
  if ((selectedCompletionIndex(view.state) ?? -1) < 0) moveCompletionSelection(true)(view);
  return acceptCompletion(view);
}

/** A text that cannot be understood is not sent: the caret goes to the place instead. */
function run(view: EditorView, onRun: () => void): boolean {
  closeCompletion(view);
  const [error] = diagnose(view.state.doc.toString());
  if (error === undefined || view.state.doc.toString().trim() === '') onRun();
  else {
    forceLinting(view);
    if (error.position !== undefined) view.dispatch({ selection: { anchor: error.position.offset } });
  }
  return true;
}

/** When no list of offers is open to be closed. */
function leave(view: EditorView): boolean {
  view.contentDOM.blur();
  return true;
}
