import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue, Span } from '@spoor/model';
import { parseQuery } from '@spoor/traceql';
import type { QuerySources } from './query-sources.ts';
import { searchTraces } from './search-traces.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import { double, plainSpan, resourceOf } from './testing/plain-span.ts';
import { RecodedSource } from './testing/recoded-source.ts';

/*
 * The language by tables: every operator with every pair of types, over one span that has a value of each. `T` it
 * matches, `.` it does not, `x` the query is refused.
 */

const bytes: AttributeValue = { type: 'bytes', value: Uint8Array.of(1) };
const kvlist: AttributeValue = { type: 'kvlist', value: [] };

const spans: readonly Span[] = [
  plainSpan({
    id: 1,
    kind: 2,
    statusCode: 2,
    durationNano: 5,
    name: 'm',
    attributes: {
      str: 'm',
      int: 5,
      float: double(2.5),
      whole: double(5),
      true: true,
      false: false,
      strs: ['a', 'm'],
      ints: [3, 5],
      mixed: ['m', 5, true],
      bytes,
      kv: kvlist,
      big: 2n ** 53n + 1n,
    },
    events: [{ str: 'm', int: 5 }],
    links: [{ str: 'm' }],
    resource: resourceOf({ 'service.name': 'm', int: 5 }),
  }),
];

/** As it arrived, in canonical order, and with a dictionary for each column, as segments have them. */
async function everySource(): Promise<readonly QuerySources[]> {
  const head = headSource('head', spans);
  const ordered = await head.ordered();
  return [head, ordered, new RecodedSource(ordered, 1)].map((source) => sourcesOf([source], [spans]));
}

async function verdictOf(condition: string): Promise<string> {
  let query: ReturnType<typeof parseQuery>;
  try {
    query = parseQuery(`{ ${condition} }`);
  } catch {
    return 'x';
  }
  const totals = new Set<number>();
  for (const sources of await everySource()) {
    const { total } = await searchTraces(sources, { query, range: {}, limit: 1, order: 'newest' });
    totals.add(total);
  }
  assert.equal(totals.size, 1, `${condition}: all kinds of sources agree`);
  return totals.has(1) ? 'T' : '.';
}

/** A field of each type; its value comes at the right as constant and as field. */
const fields = Object.freeze({
  string: 'span.str',
  int: 'span.int',
  float: 'span.float',
  whole: 'span.whole',
  big: 'span.big',
  bool: 'span.true',
  strings: 'span.strs',
  ints: 'span.ints',
  mixed: 'span.mixed',
  bytes: 'span.bytes',
  kvlist: 'span.kv',
  missing: 'span.none',
  name: 'name',
  service: 'resource.service.name',
  duration: 'duration',
  status: 'status',
  kind: 'kind',
  event: 'event.str',
  link: 'link.str',
});

/** With a field of the same value; `nil` has none. */
const constants: readonly (readonly [constant: string, field: string | undefined])[] = [
  ['"m"', 'span.str'],
  ['"n"', undefined],
  ['5', 'span.int'],
  ['2.5', 'span.float'],
  ['9007199254740993', 'span.big'],
  ['true', 'span.true'],
  ['false', 'span.false'],
  ['5ns', 'duration'],
  ['error', 'status'],
  ['server', 'kind'],
  ['nil', undefined],
];

/** One character a constant. */
const comparisons: Readonly<Record<string, Readonly<Record<keyof typeof fields, string>>>> = {
  //             "m" "n" 5 2.5 big true false 5ns error server nil
  '=': {
    string: '  T . . . . . . . . . .',
    int: '     . . T . . . . T . . .',
    float: '   . . . T . . . . . . .',
    whole: '   . . T . . . . T . . .',
    big: '     . . . . T . . . . . .',
    bool: '    . . . . . T . . . . .',
    strings: ' T . . . . . . . . . .',
    ints: '    . . T . . . . T . . .',
    mixed: '   T . T . . T . T . . .',
    bytes: '   . . . . . . . . . . .',
    kvlist: '  . . . . . . . . . . .',
    missing: ' . . . . . . . . . . T',
    name: '    T . x x x x x x x x x',
    service: ' T . . . . . . . . . x',
    duration: 'x x T . . x x T x x x',
    status: '  x x x x x x x x T x x',
    kind: '    x x x x x x x x x T x',
    event: '   T . . . . . . . . . .',
    link: '    T . . . . . . . . . .',
  },
  '!=': {
    string: '  . T . . . . . . . . T',
    int: '     . . . T T . . . . . T',
    float: '   . . T . T . . T . . T',
    whole: '   . . . T T . . . . . T',
    big: '     . . T T . . . T . . T',
    bool: '    . . . . . . T . . . T',
    strings: ' . T . . . . . . . . T',
    ints: '    . . . T T . . . . . T',
    mixed: '   . T . T T . T . . . T',
    bytes: '   . . . . . . . . . . T',
    kvlist: '  . . . . . . . . . . T',
    missing: ' . . . . . . . . . . .',
    name: '    . T x x x x x x x x T',
    service: ' . T . . . . . . . . T',
    duration: 'x x . T T x x . x x T',
    status: '  x x x x x x x x . x T',
    kind: '    x x x x x x x x x . T',
    event: '   . T . . . . . . . . T',
    link: '    . T . . . . . . . . T',
  },
  '<': {
    string: '  . T . . . x x . x x x',
    int: '     . . . . T x x . x x x',
    float: '   . . T . T x x T x x x',
    whole: '   . . . . T x x . x x x',
    big: '     . . . . . x x . x x x',
    bool: '    . . . . . x x . x x x',
    strings: ' T T . . . x x . x x x',
    ints: '    . . T . T x x T x x x',
    mixed: '   . T . . T x x . x x x',
    bytes: '   . . . . . x x . x x x',
    kvlist: '  . . . . . x x . x x x',
    missing: ' . . . . . x x . x x x',
    name: '    . T x x x x x x x x x',
    service: ' . T . . . x x . x x x',
    duration: 'x x . . T x x . x x x',
    status: '  x x x x x x x x x x x',
    kind: '    x x x x x x x x x x x',
    event: '   . T . . . x x . x x x',
    link: '    . T . . . x x . x x x',
  },
  '>=': {
    string: '  T . . . . x x . x x x',
    int: '     . . T T . x x T x x x',
    float: '   . . . T . x x . x x x',
    whole: '   . . T T . x x T x x x',
    big: '     . . T T T x x T x x x',
    bool: '    . . . . . x x . x x x',
    strings: ' T . . . . x x . x x x',
    ints: '    . . T T . x x T x x x',
    mixed: '   T . T T . x x T x x x',
    bytes: '   . . . . . x x . x x x',
    kvlist: '  . . . . . x x . x x x',
    missing: ' . . . . . x x . x x x',
    name: '    T . x x x x x x x x x',
    service: ' T . . . . x x . x x x',
    duration: 'x x T T . x x T x x x',
    status: '  x x x x x x x x x x x',
    kind: '    x x x x x x x x x x x',
    event: '   T . . . . x x . x x x',
    link: '    T . . . . x x . x x x',
  },
};

const flipped: Readonly<Record<string, string>> = { '=': '=', '!=': '!=', '<': '>', '>=': '<=', '>': '<', '<=': '>=' };

for (const [op, table] of Object.entries(comparisons)) {
  test(`conformance: ${op} of every pair of types, and ${flipped[op]} the other way round`, async () => {
    const wrong: string[] = [];
    const check = async (condition: string, expected: string): Promise<void> => {
      const verdict = await verdictOf(condition);
      if (verdict !== expected) wrong.push(`${condition}: ${verdict} instead of ${expected}`);
    };
    for (const [type, row] of Object.entries(table)) {
      const left = fields[type as keyof typeof fields];
      const verdicts = row.trim().split(' ');
      for (const [i, [constant, field]] of constants.entries()) {
        await check(`${left} ${op} ${constant}`, verdicts[i]);
        await check(`${constant} ${flipped[op]} ${left}`, verdicts[i]);
        // Of two fields the types are known at run time only.
        if (field !== undefined && verdicts[i] !== 'x') await check(`${left} ${op} ${field}`, verdicts[i]);
      }
    }
    assert.deepEqual(wrong, []);
  });
}

/** The result, or `-` for none, or `x` when the query is refused. */
const arithmetic: readonly (readonly [left: string, right: string, results: string])[] = [
  //                                  +        -        *         /       %      ^
  ['span.int', '2', '                 7        3        10        2       1      25'],
  ['span.int', '2.0', '               7        3        10        2.5     1      25'],
  ['span.float', '2', '               4.5      0.5      5         1.25    0.5    6.25'],
  ['span.int', 'span.float', '        7.5      2.5      12.5      2       0      55.90169943749474'],
  ['duration', '2', '                 7        3        10        2.5     1      25'],
  ['duration', '2ns', '               7ns      3ns      10        2.5     1      25'],
  ['span.int', '0', '                 5        5        0         -       -      1'],
  ['span.big', '1', '  9007199254740994 9007199254740992 9007199254740993 9007199254740993 0 9007199254740992'],
  ['-span.int', '2', '               -3       -7       -10       -2      -1      25'],
  ['span.str', '2', '                 -        -        -         -       -      -'],
  ['span.true', '2', '                -        -        -         -       -      -'],
  ['span.ints', '2', '                -        -        -         -       -      -'],
  ['span.none', '2', '                -        -        -         -       -      -'],
  ['span.kv', '2', '                  -        -        -         -       -      -'],
  ['name', '2', '                     x        x        x         x       x      x'],
  ['span.int', '"m"', '               x        x        x         x       x      x'],
  ['status', '2', '                   x        x        x         x       x      x'],
  ['span.int', 'true', '              x        x        x         x       x      x'],
];

test('conformance: arithmetic of every pair of types', async () => {
  for (const [left, right, results] of arithmetic) {
    for (const [i, result] of results.trim().split(/ +/).entries()) {
      const calculated = `(${left}) ${['+', '-', '*', '/', '%', '^'][i]} ${right}`;
      if (result === 'x') {
        assert.equal(await verdictOf(`${calculated} = 1`), 'x', calculated);
        continue;
      }
      const isSomething = result === '-' ? '.' : 'T';
      assert.equal(await verdictOf(`${calculated} = ${calculated}`), isSomething, calculated);
      if (result !== '-') assert.equal(await verdictOf(`${calculated} = ${result}`), 'T', `${calculated} = ${result}`);
    }
  }
});

/** Whether `left =~ "m|x"` and `left !~ "m|x"`. */
const matching: Readonly<Record<keyof typeof fields, string>> = {
  string: 'T.',
  int: '..',
  float: '..',
  whole: '..',
  big: '..',
  bool: '..',
  strings: 'T.',
  ints: '..',
  mixed: 'T.',
  bytes: '..',
  kvlist: '..',
  missing: '..',
  name: 'T.',
  service: 'T.',
  duration: 'xx',
  status: 'xx',
  kind: 'xx',
  event: 'T.',
  link: 'T.',
};

test('conformance: regular expressions on every type', async () => {
  for (const [type, verdicts] of Object.entries(matching)) {
    const left = fields[type as keyof typeof fields];
    assert.equal(await verdictOf(`${left} =~ "m|x"`), verdicts[0], left);
    assert.equal(await verdictOf(`${left} !~ "m|x"`), verdicts[1], left);
    // Of strings none matches: the opposite.
    const none = verdicts === 'T.' ? '.T' : verdicts;
    assert.equal(await verdictOf(`${left} =~ "n"`), none[0], left);
    assert.equal(await verdictOf(`${left} !~ "n"`), none[1], left);
  }
  for (const pattern of ['5', 'span.str', 'nil', '"a("', '"(?=m)"']) {
    assert.equal(await verdictOf(`span.str =~ ${pattern}`).catch(() => 'x'), 'x', pattern);
  }
});

/** Operands as they are in `a && b` and `a || b`: what is not the boolean true is false. */
const logical: readonly (readonly [condition: string, verdict: string])[] = [
  ['span.true && span.true', 'T'],
  ['span.true && span.false', '.'],
  ['span.true && span.none', '.'],
  ['span.true && span.str', '.'],
  ['span.true || span.none', 'T'],
  ['span.none || span.str', '.'],
  ['span.false || span.true', 'T'],
  ['!span.true', '.'],
  ['!span.false', 'T'],
  ['!span.none', 'T'],
  ['!span.str', 'T'],
  ['!!span.true', 'T'],
  ['true', 'T'],
  ['false', '.'],
  ['true && span.true', 'T'],
  ['1 = 1 && span.true', 'T'],
  ['span.true = (1 = 1)', 'T'],
  ['span.true && 5', 'x'],
  ['span.true && name', 'x'],
  ['!name', 'x'],
  ['span.int + 1', 'x'],
  ['name', 'x'],
  ['span.str', '.'],
  ['true || span.false && span.false', '.'],
  ['span.true || (span.false && span.false)', 'T'],
  ['!span.true = span.false', 'T'],
  ['-span.int ^ 2 = -25', 'T'],
  ['2 ^ 3 ^ 2 = 512', 'T'],
  ['10 - 3 - 2 = 5', 'T'],
  ['2 + 3 * 4 = 14', 'T'],
  ['nil = nil', '.'],
  ['nil != nil', '.'],
  ['parent.str = "m"', 'x'],
  ['minInt < span.int && span.int < maxInt', 'T'],
  ['.str = "m" && .service.name = "m"', 'T'],
  ['.nothing = nil && .int != nil', 'T'],
  ['event.str = "m" && event.int = 5', 'T'],
  ['instrumentation:name = "lib" && instrumentation:version = "1.0"', 'T'],
  ['trace:rootName = "m" && rootServiceName = "m" && traceDuration = 5ns', 'T'],
  ['nestedSetLeft = 1 && nestedSetRight = 2 && nestedSetParent = -1 && span:childCount = 0', 'T'],
  ['event:name = "e" && event:timeSinceStart = 5ns && link:spanID != ""', 'T'],
  ['span:parentID = "" && trace:id != ""', 'T'],
];

test('conformance: what is true, precedence, and every scope and intrinsic', async () => {
  for (const [condition, verdict] of logical) assert.equal(await verdictOf(condition), verdict, condition);
});

/*
 *     1 ─┬─ 2 ── 3          5 (its parent is not there) ── 6
 *        └─ 4
 */
const tree: readonly Span[] = [
  plainSpan({ id: 1, name: '1', start: 1 }),
  plainSpan({ id: 2, parent: 1, name: '2', start: 2 }),
  plainSpan({ id: 3, parent: 2, name: '3', start: 3 }),
  plainSpan({ id: 4, parent: 1, name: '4', start: 4 }),
  plainSpan({ id: 5, parent: 9, name: '5', start: 5 }),
  plainSpan({ id: 6, parent: 5, name: '6', start: 6 }),
];

const structures: readonly (readonly [query: string, names: string])[] = [
  ['{ name = "1" } > { }', '2 4'],
  ['{ name = "2" } < { }', '1'],
  ['{ name = "1" } >> { }', '2 3 4'],
  ['{ name = "3" } << { }', '1 2'],
  ['{ name = "2" } ~ { }', '4'],
  ['{ } ~ { }', '2 4'],
  ['{ name = "1" } !> { }', '1 3'],
  ['{ name = "2" } !< { }', '2 3 4'],
  ['{ name = "2" } !>> { }', '1 2 4'],
  ['{ name = "2" } !<< { }', '2 3 4'],
  ['{ name = "2" } !~ { }', '1 2 3'],
  ['{ name = "1" } &> { name =~ "2|3" }', '1 2'],
  ['{ name = "2" } &< { }', '1 2'],
  ['{ name = "1" } &>> { name = "3" }', '1 3'],
  ['{ name = "3" } &<< { }', '1 2 3'],
  ['{ name = "2" } &~ { }', '2 4'],
  ['{ name = "nothing" } > { }', ''],
  ['{ name = "nothing" } !> { }', '1 2 3 4'],
  ['{ name = "nothing" } &> { }', ''],
  ['{ name = "5" } > { }', ''],
  ['{ name = "5" } !> { }', '1 2 3 4'],
  ['{ name = "1" } > { } > { }', '3'],
  ['{ name = "1" } > ({ } > { name = "3" })', ''],
  ['{ name = "1" } > ({ } > { })', '2 4'],
  ['{ name = "1" } && { name = "6" }', '1 6'],
  ['{ name = "1" } && { name = "nothing" }', ''],
  ['{ name = "1" } || { name = "nothing" }', '1'],
  ['{ name = "1" } && { name = "2" } > { name = "3" }', '1 3'],
  ['{ name =~ "1|2" } | { name != "1" }', '2'],
  ['{ } | { name = "2" } > { }', '3'],
  ['{ name != "2" } | { } >> { name = "3" }', '3'],
  ['({ name = "1" } | count() = 1) >> { name = "3" }', '3'],
  ['({ } | count() > 5) && ({ name = "4" })', '1 2 3 4 5 6'],
  ['{ name =~ "1|2" } | count() = 2', '1 2'],
  ['2 = count()', ''],
  ['count() = 6', '1 2 3 4 5 6'],
  ['{ } | by(span:parentID) | count() > 1', '2 4'],
  ['{ } | by(span:parentID) | count() > 1 | coalesce() | count() = 2', '2 4'],
  ['{ nestedSetParent < 0 } | by(name)', '1'],
  ['{ nestedSetParent = 0 }', '5 6'],
  ['({ name = "1" } &>> { name = "3" }) || ({ name = "6" }) | select(nestedSetLeft)', '1 3 6'],
];

test('conformance: structure, pipelines and aggregates', async () => {
  // Whole in one source; a span in each of two.
  const parts = [tree.filter((_, i) => i % 2 === 0), tree.filter((_, i) => i % 2 === 1)];
  const partitions = [
    sourcesOf([await headSource('whole', tree).ordered()], [tree]),
    sourcesOf(
      parts.map((part, i) => headSource(`part ${i}`, part)),
      parts,
    ),
  ];
  for (const [text, names] of structures) {
    for (const sources of partitions) {
      const request = { query: parseQuery(text), range: {}, limit: 1, order: 'newest', spansPerSetMax: 10 } as const;
      const { traces } = await searchTraces(sources, request);
      const found = traces.flatMap(({ spanSets }) => spanSets!.flatMap((set) => set.spans.map(({ name }) => name)));
      assert.equal(found.sort().join(' '), names, text);
    }
  }
});
