import { invalid } from './tempo-parameter.ts';

/**
 * Reads `key=value` pairs, as Tempo's `tags` has them: values may be quoted as JSON's strings, a key alone has an
 * empty value, and of a repeated key the last counts.
 *
 * @throws {QueryError} `QUERY_INVALID`
 */
export function parseLogfmt(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  const pair = /\s*([^\s="]+)(?:=("(?:[^"\\]|\\.)*"|[^\s"]*))?(?=\s|$)/gy;
  let read = 0;
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    read = pair.lastIndex;
    pairs.set(match[1], unquoted(match[2] ?? ''));
  }
  if (text.slice(read).trim() !== '') {
    throw invalid(`invalid tags: logfmt syntax error at pos ${read + 1}: unexpected ${quotedHead(text.slice(read))}`);
  }
  return pairs;
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return JSON.parse(value) as string;
  } catch {
    throw invalid(`invalid tags: ${value} is not a quoted string`);
  }
}

function quotedHead(text: string): string {
  return JSON.stringify(text.trim().slice(0, 20));
}
