import type { Completion, CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete';
import { insertCompletionText } from '@codemirror/autocomplete';
import { EditorSelection } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { type AttributeScope, attribute, complete, type CompletionItem, type Field, printField } from '@spoor/traceql';

/** What the store has, asked for while typing. */
export interface TraceqlOffers {
  /** attributes whose names begin with the prefix, else contain it; of all scopes when none is given */
  names(scopes: readonly AttributeScope[] | undefined, prefix: string): Promise<readonly OfferedName[]>;
  /** values of a field, as TraceQL writes them */
  values(field: Field, prefix: string): Promise<readonly string[]>;
}

export interface OfferedName {
  readonly scope: Exclude<AttributeScope, 'any'>;
  readonly name: string;
}

export type OfferKind = CompletionItem['kind'] | 'attribute' | 'value';

/** Offers what the grammar has for the place, then what the store has. */
export function traceqlCompletion(offers: TraceqlOffers, nameOfKind: (kind: OfferKind) => string): CompletionSource {
  return async (context) => {
    const found = await optionsAt(context, offers);
    if (found.options.length === 0) return null;
    const options = found.options.map(({ text, kind }): Completion => ({
      label: text,
      type: kind,
      detail: nameOfKind(kind),
      apply: insertOffer,
    }));
    // Order and matching are the grammar's and the server's.
    return { from: found.from, options, filter: false, update: narrowed } satisfies CompletionResult;
  };
}

/** The server says no more at once. */
const offeredMax = 50;

/**
 * The list for one letter more, without asking again, so that it does not change under the hand that chooses from it.
 * `null` where another list is due: behind the word, when the last one was cut, and when a word is just long enough to be
 * looked for among attributes.
 */
function narrowed(result: CompletionResult, from: number, _to: number, { state, pos }: CompletionContext) {
  const word = state.sliceDoc(from, pos);
  if (result.options.length >= offeredMax || !/^["`]?[^\s"`{}()=<>!~&|,]+$/.test(word)) return null;
  if (word.length <= namedLengthMin && result.options.some(({ type }) => type === 'scope' || type === 'intrinsic'))
    return null;
  const wanted = word.replace(/^["`]/, '').toLowerCase();
  const options = result.options.filter(({ label, type }) => {
    const at = label.toLowerCase().indexOf(wanted);
    return type === 'attribute' || type === 'value' ? at >= 0 : at === 0;
  });
  return options.length === 0 ? null : { ...result, options };
}

/** Shorter words begin too many names. */
const namedLengthMin = 2;

interface Offer {
  readonly text: string;
  readonly kind: OfferKind;
}

async function optionsAt(
  { state, pos, explicit }: CompletionContext,
  offers: TraceqlOffers,
): Promise<{ readonly from: number; readonly options: readonly Offer[] }> {
  const text = state.doc.toString();
  const { from, prefix, items, attributeNames, valuesOf } = complete(text, pos);
  if (attributeNames !== undefined) {
    const scopes: readonly AttributeScope[] = attributeNames === 'any' ? ['span', 'resource'] : [attributeNames];
    const names = await offers.names(scopes, prefix);
    return { from, options: distinct(names.map(({ name }) => ({ text: bareName(name), kind: 'attribute' }))) };
  }
  if (valuesOf !== undefined) {
    const values = await offers.values(valuesOf, prefix.replace(/^["`]/, ''));
    const known: Offer[] = values.map((value) => ({ text: value, kind: 'value' }));
    return { from, options: distinct([...items.filter(({ kind }) => kind === 'constant'), ...known, ...items]) };
  }
  // A word where a field may stand can be the beginning of any attribute's name.
  const takesField = prefix.length >= namedLengthMin && complete(text.slice(0, from), from).items.some(isScope);
  const names = takesField ? await offers.names(undefined, prefix) : [];
  const spelled = names.map((name): Offer => ({
    text: printField(attribute(name.scope, name.name)),
    kind: 'attribute',
  }));
  return { from, options: prefix === '' && from === 0 && !explicit ? [] : distinct([...items, ...spelled]) };
}

function isScope({ kind }: CompletionItem): boolean {
  return kind === 'scope';
}

function distinct(offers: readonly Offer[]): Offer[] {
  return [...new Map(offers.map((offer) => [offer.text, offer])).values()];
}

/** A name behind its scope, quoted where it must be. */
function bareName(name: string): string {
  return printField(attribute('span', name)).slice('span.'.length);
}

/** Names that are called, and those of them that are called with nothing. */
const calledWithNothing: ReadonlySet<string> = new Set(['rate', 'count_over_time', 'count', 'coalesce']);

/** A function brings its parentheses; a value in front of its closing quote takes the place of it. */
function insertOffer(view: EditorView, { label, type }: Completion, from: number, to: number): void {
  const next = view.state.sliceDoc(to, to + 1);
  if (type === 'function' && next !== '(') {
    const caret = from + label.length + (calledWithNothing.has(label) ? 2 : 1);
    view.dispatch({
      ...insertCompletionText(view.state, `${label}()`, from, to),
      selection: EditorSelection.cursor(caret),
      userEvent: 'input.complete',
    });
    return;
  }
  const isClosed = label.endsWith('"') && next === '"';
  view.dispatch(insertCompletionText(view.state, label, from, isClosed ? to + 1 : to));
}
