import type { ColumnSource, StringPage } from '@spoor/store';
import type { AnchoredRegex } from './anchored-regex.ts';
import { UNDECIDED } from './byte-automaton.ts';
import type { TurnTaker } from './turn-taker.ts';

/** New steps of the automaton, or texts matched in a slower way, after which others get a turn: each may take long. */
const SLOW_STEPS_A_TURN = 64;
/** Strings after which they do in any case. */
const STRINGS_A_TURN = 8 * 1024;

/**
 * Tries a regular expression on strings where they lie. A page that lacks what every match contains is passed over as a
 * whole.
 * @param codes  ascending
 * @returns 1 for the codes of strings that match
 */
export async function matchedStrings(
  source: ColumnSource,
  codes: Uint32Array,
  regex: AnchoredRegex,
  turns: TurnTaker,
): Promise<Uint8Array> {
  const matched = new Uint8Array(codes.length);
  let at = 0;
  for await (const page of source.stringPages(codes)) {
    let end = at;
    while (end < codes.length && codes[end] < page.firstCode + page.count) end++;
    const { buffer, byteOffset } = page.bytes;
    const bytes = Buffer.from(buffer, byteOffset, page.offset[codes[end - 1] - page.firstCode + 1]);
    while (at < end) {
      await turns.turn();
      at = matchSome({ ...page, bytes }, codes, at, end, regex, matched);
    }
  }
  return matched;
}

/** @returns the first code that was not tried yet */
function matchSome(
  { firstCode, offset, bytes }: StringPage & { readonly bytes: Buffer },
  codes: Uint32Array,
  first: number,
  end: number,
  regex: AnchoredRegex,
  matched: Uint8Array,
): number {
  const ofBytes = regex.ofBytes();
  const required = ofBytes?.required;
  const requiredBytes = required?.length ?? 0;
  const stop = Math.min(end, first + STRINGS_A_TURN);
  const learntMax = (ofBytes?.automaton.learntCount ?? 0) + SLOW_STEPS_A_TURN;
  let slowCount = 0;
  /** where the required bytes come next */
  let next = -1;
  for (let i = first; i < stop; i++) {
    const from = offset[codes[i] - firstCode];
    const to = offset[codes[i] - firstCode + 1];
    if (required !== undefined && next < from) {
      next = bytes.indexOf(required, from);
      if (next < 0) return end;
    }
    if (next + requiredBytes > to) continue;
    let verdict = ofBytes === undefined ? UNDECIDED : ofBytes.automaton.run(bytes, from, to);
    if (verdict === UNDECIDED) {
      slowCount++;
      verdict = regex.matches(bytes.toString('utf8', from, to)) ? 1 : 0;
    }
    matched[i] = verdict;
    if (slowCount + (ofBytes?.automaton.learntCount ?? 0) > learntMax) return i + 1;
  }
  return stop;
}
