import type { RE2JS } from 're2js';

/** What {@link ByteAutomaton.run} says besides 0 and 1: the text has to be matched in another way. */
export const UNDECIDED = 2;

/** Words of a table, 4 bytes each: more is wanted only by patterns that count, such as `.*a.{20}`. */
const TABLE_WORDS_MAX = 1 << 20;

/*
 * A table's entries: a state is where its row begins, which is above 0. The others end a text.
 */
const UNKNOWN = 0;
const REFUSES = -1;
const ACCEPTS = -2;
/** a byte that is not ASCII: from here on, characters count */
const WIDE = -3;
/** there is no room for the state */
const NO_ROOM = -4;

/**
 * What is used of RE2JS's lazy automaton over code points, which its types leave open. Code points of one class take
 * the same way everywhere; class `numClasses` is the end of the text.
 */
interface RuneAutomaton {
  readonly numClasses: number;
  /** where the classes after the first begin, ascending */
  readonly classBounds: Int32Array;
  runeClass(rune: number): number;
  start(input: { context(position: number): number }, position: number): RuneState | null;
  /** @returns null when its memory is used up */
  step(state: RuneState, runeClass: number, rune: number, anchor: number): RuneState | null;
}

interface RuneState {
  /** at the end of the text: whether it matches */
  readonly isMatch: boolean;
  /** none are left in a state that nothing leads out of */
  readonly nfaStates: readonly number[];
}

const END_TEXT = -1;
const ANCHORED = 2;
/** RE2's flags of an empty match at the begin of a line and of the text */
const BEGIN = 1 | 4;
const RUNE_MAX = 0x10_ffff;

/**
 * A regular expression over the bytes of texts in UTF-8, each matched whole: RE2JS's automaton, of which every step that was
 * taken once is an entry in a table. A step costs a nanosecond or two, and a text ends with the byte that decides it.
 */
export class ByteAutomaton {
  readonly #runes: RuneAutomaton;
  /** by byte, the column of the table */
  readonly #columnOf = new Uint32Array(256);
  readonly #width: number;
  readonly #tableWordsMax: number;
  #table: Int32Array;
  /** by row */
  readonly #states: RuneState[] = [];
  readonly #rows = new Map<RuneState, number>();
  readonly #start: number;
  #learntCount = 0;

  /** @param compiled  without lookbehinds; its own, as the automaton in it is filled */
  constructor(compiled: RE2JS, tableWordsMax = TABLE_WORDS_MAX) {
    this.#tableWordsMax = tableWordsMax;
    this.#runes = compiled.re2().dfa;
    const { numClasses } = this.#runes;
    this.#width = numClasses + 2;
    for (let byte = 0; byte < 256; byte++)
      this.#columnOf[byte] = byte < 128 ? this.#runes.runeClass(byte) : numClasses + 1;
    this.#table = new Int32Array(16 * this.#width);
    // Row 0 is none, so that no state is UNKNOWN.
    const start = this.#runes.start({ context: () => BEGIN }, 0);
    this.#states.push({ isMatch: false, nfaStates: [] });
    this.#start = this.#entryOf(start);
  }

  /** Steps that were new, each of which took time in proportion to the pattern. */
  get learntCount(): number {
    return this.#learntCount;
  }

  /**
   * Whether the text in bytes [start, end) matches: 1, 0 or {@link UNDECIDED}. What is no UTF-8 counts as U+FFFD, as when it is
   * decoded.
   */
  run(bytes: Buffer, start: number, end: number): number {
    let state = this.#start;
    if (state < 0) return verdictOf(state);
    const columnOf = this.#columnOf;
    let table = this.#table;
    for (let at = start; at < end; at++) {
      let next = table[state + columnOf[bytes[at]]];
      if (next <= 0) {
        if (next === WIDE) return this.#runCharacters(state, bytes.toString('utf8', at, end));
        if (next === UNKNOWN) {
          next = this.#learn(state, columnOf[bytes[at]], bytes[at]);
          table = this.#table;
        }
        if (next < 0) return verdictOf(next);
      }
      state = next;
    }
    return this.#atEnd(state);
  }

  #runCharacters(from: number, text: string): number {
    let state = from;
    for (let at = 0; at < text.length; at++) {
      const rune = text.codePointAt(at)!;
      if (rune > 0xffff) at++;
      const column = this.#runes.runeClass(rune);
      let next = this.#table[state + column];
      if (next === UNKNOWN) next = this.#learn(state, column, rune);
      if (next < 0) return verdictOf(next);
      state = next;
    }
    return this.#atEnd(state);
  }

  #atEnd(state: number): number {
    const end = this.#runes.numClasses;
    return verdictOf(this.#table[state + end] || this.#learn(state, end, END_TEXT));
  }

  #learn(state: number, column: number, rune: number): number {
    this.#learntCount++;
    const next = this.#runes.step(this.#states[state / this.#width], column, rune, ANCHORED);
    const entry = rune === END_TEXT && next !== null ? (next.isMatch ? ACCEPTS : REFUSES) : this.#entryOf(next);
    this.#table[state + column] = entry;
    return entry;
  }

  #entryOf(state: RuneState | null): number {
    if (state === null) return NO_ROOM;
    if (state.nfaStates.length === 0) return REFUSES;
    const known = this.#rows.get(state);
    if (known !== undefined) return known;
    const row = this.#states.length * this.#width;
    const entry = this.#isLast(state)
      ? this.#lastEntry(state)
      : row + this.#width > this.#tableWordsMax
        ? NO_ROOM
        : row;
    this.#rows.set(state, entry);
    if (entry !== row) return entry;
    this.#states.push(state);
    if (row + this.#width > this.#table.length) this.#grow();
    this.#table[row + this.#width - 1] = WIDE;
    return row;
  }

  /** Whether every character leads back to the state, as after `.*`. */
  #isLast(state: RuneState): boolean {
    const { numClasses, classBounds } = this.#runes;
    for (let column = 0; column < numClasses; column++) {
      const rune = column === 0 ? 0 : classBounds[column - 1];
      if (rune <= RUNE_MAX && this.#runes.step(state, column, rune, ANCHORED) !== state) return false;
    }
    return true;
  }

  #lastEntry(state: RuneState): number {
    const end = this.#runes.step(state, this.#runes.numClasses, END_TEXT, ANCHORED);
    return end === null ? NO_ROOM : end.isMatch ? ACCEPTS : REFUSES;
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#table.length);
    larger.set(this.#table);
    this.#table = larger;
  }
}

function verdictOf(entry: number): number {
  return entry === ACCEPTS ? 1 : entry === REFUSES ? 0 : UNDECIDED;
}
