import type { AttributeField, AttributeScope } from './tree.ts';

/** What ends an attribute's name outside quotes. */
const TERMINATOR = /[\s\u0085{}()=~!<>&|^,]/;

/** Spelling before the dot → scope. */
export const scopeOfWord: ReadonlyMap<string, AttributeScope> = new Map([
  ['span', 'span'],
  ['resource', 'resource'],
  ['event', 'event'],
  ['link', 'link'],
  ['instrumentation', 'instrumentation'],
]);

export interface ReadName {
  readonly name: string;
  /** offset one past the name */
  readonly end: number;
  readonly complaint: string | undefined;
}

/** Reads a name from its first character: bare parts and quoted parts, `"a b".c`, with `\"` and `\\` in quotes only. */
export function readAttributeName(text: string, start: number): ReadName {
  const parts: string[] = [];
  let at = start;
  let isQuoted = false;
  let complaint: string | undefined;
  let from = start;
  for (; at < text.length; at++) {
    const unit = text[at];
    if (isQuoted && unit === '\\') {
      const escaped = text[at + 1];
      if (escaped !== '"' && escaped !== '\\') {
        complaint ??= 'only \\" and \\\\ may be escaped in an attribute name';
        continue;
      }
      parts.push(text.slice(from, at));
      from = ++at;
    } else if (unit === '"') {
      parts.push(text.slice(from, at));
      from = at + 1;
      isQuoted = !isQuoted;
    } else if (!isQuoted && TERMINATOR.test(unit)) break;
  }
  parts.push(text.slice(from, at));
  if (isQuoted) complaint ??= 'the quoted part of the attribute name is not closed';
  if (at === start) complaint = 'an attribute name is missing';
  return { name: parts.join(''), end: at, complaint };
}

/** As it is read back: quoted where the bare name would end early or mean something else. */
export function printAttribute({ scope, name, parent }: AttributeField): string {
  const prefix = (parent ? 'parent.' : '') + (scope === 'any' ? (parent ? '' : '.') : `${scope}.`);
  const needsQuotes =
    name === '' ||
    name.includes('"') ||
    TERMINATOR.test(name) ||
    (scope === 'any' && /^\d/.test(name)) ||
    (scope === 'any' && parent === true && /^(span|resource)\./.test(name));
  return prefix + (needsQuotes ? `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"` : name);
}
