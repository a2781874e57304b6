import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseQuery } from './parse-query.ts';
import { printQuery } from './printer.ts';

/*
 * Queries that a reference implementation was asked, with its answers: it accepts and refuses the same ones.
 */
const corpus = join(import.meta.dirname, '../../../../shared/data/traceql');
const skip = existsSync(corpus) ? false : 'the shared corpus ../shared/data/traceql is not there';

interface Row {
  readonly text: string;
  readonly refusal: string | undefined;
}

/** `query   [spans …]` or `query   400 message`; the query ends before two spaces, or before its answer. */
function searches(): Row[] {
  const lines = readFileSync(join(corpus, 'searches.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const found = /^(.*?)(?: {2,}| (?=\[))(\[.*|-|400 .*)$/.exec(line);
    assert.ok(found !== null, line);
    return { text: found[1], refusal: found[2].startsWith('400 ') ? found[2].slice(4) : undefined };
  });
}

function metrics(): Row[] {
  const lines = readFileSync(join(corpus, 'metrics.txt'), 'utf8').split('\n');
  const asked = lines.flatMap((line) => /^(?:query|query_range) (.*)$/.exec(line)?.[1] ?? []);
  return asked.map((text) => ({ text, refusal: undefined }));
}

test('corpus: what the reference accepts is read, and printed as the same tree', { skip }, () => {
  const rows = [...searches(), ...metrics()].filter(({ refusal }) => refusal === undefined);
  assert.ok(rows.length > 100, `${rows.length} queries`);
  for (const { text } of rows) {
    const query = parseQuery(text);
    assert.deepEqual(parseQuery(printQuery(query)), query, text);
  }
});

test('corpus: what the reference refuses is refused in its words', { skip }, () => {
  const rows = searches().filter(({ refusal }) => refusal !== undefined);
  assert.ok(rows.length >= 2);
  for (const { text, refusal } of rows) {
    assert.throws(
      () => parseQuery(text),
      (error: Error) => `invalid TraceQL query: ${error.message}`.startsWith(refusal!),
      text,
    );
  }
});
