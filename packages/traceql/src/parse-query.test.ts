import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, parseQuery } from './parse-query.ts';
import { printQuery } from './printer.ts';
import { TraceqlError } from './traceql-error.ts';
import type { FieldExpression, SpansetExpression } from './tree.ts';

/*
 * The language's conformance table: each production of the grammar in docs/traceql.md, which operator binds how, and what
 * is said of what is no query.
 */

function messageOf(text: string): string {
  try {
    parseQuery(text);
    return 'accepted';
  } catch (error) {
    assert.ok(error instanceof TraceqlError, `${text}: ${String(error)}`);
    return error.message;
  }
}

const productions: Readonly<Record<string, readonly string[]>> = {
  spansetExpr: [
    '{}',
    '{ }',
    '{ true }',
    '{ .a }',
    '({})',
    '(({ .a }))',
    ...['&&', '||', '>', '<', '>>', '<<', '~', '!>', '!<', '!>>', '!<<', '!~', '&>', '&<', '&>>', '&<<', '&~'].map(
      (op) => `{ .a } ${op} { .b }`,
    ),
    '{ .a } && { .b } || { .c }',
    '{ .a } > ({ .b } > { .c })',
    '{.a}&&{.b}',
  ],
  'spansetPipeline, in brackets too': [
    '{ .a } | { .b }',
    '{ .a } | { .b } | count() > 1 | by(name) | coalesce() | select(.c)',
    '({ .a } | count() > 1)',
    '({ .a } | count() > 1) && ({ .b } | by(name))',
    '({ .a } | { .b }) >> { .c }',
    '({ .a } &>> { .b }) || ({ .a }) | select(status, resource.service.name, name, nestedSetParent)',
    '(({ .a } | count() > 1) || { .b }) && ({ .c } | { .d })',
  ],
  groupOp: [
    'by(name)',
    '{} | by(.a)',
    '{} | by(resource.service.name) | by(.b)',
    '{} | by(duration > 1s)',
    '{} | by(1 + .a)',
  ],
  coalesceOp: ['{} | by(.a) | coalesce()', 'by(.a) | coalesce() | { .b }'],
  selectOp: ['select(.a)', '{} | select(.a, span.b, name, event:name, trace:id)'],
  scalarFilter: [
    ...['=', '!=', '<', '<=', '>', '>='].map((op) => `{} | count() ${op} 2`),
    'count() > 1',
    '{} | 1 < count()',
    '{} | count() > -1',
    '{} | min(duration) > 1s',
    '{} | max(.a) < 1.5',
    '{} | sum(span.a + 1) >= 10',
    '{} | avg(duration) <= (1s + 500ms) * 2',
    '{} | count() = maxInt',
    '{} | max(.a) > min(.a) * 2',
    '{} | count() + count() > 2',
    '{} | (count() + 1) * 2 > 2 ^ 3 % 5',
    '({ .a } | count()) > ({ .b } | count())',
    '({ .a } | avg(duration)) - ({ .b } | avg(duration)) > 1s',
  ],
  metricsAgg: [
    '{} | rate()',
    '{} | count_over_time()',
    '{} | min_over_time(duration)',
    '{} | max_over_time(span.n)',
    '{} | sum_over_time(.n)',
    '{} | avg_over_time(duration)',
    '{} | quantile_over_time(duration, .5)',
    '{} | quantile_over_time(duration, 0, 0.9, .99, 1)',
    '{} | histogram_over_time(duration)',
    '{} | rate() by(name)',
    '{} | rate() by (resource.service.name, span.b, kind, status, .x)',
    '{ .a } | { .b } | count() > 1 | rate()',
    '{ .a } >> { .b } | rate()',
    '({ .a } | count() > 1) && { .b } | rate()',
    '({} | rate())',
    '{} | compare({ status = error })',
    '{} | compare({ status = error }, 5)',
    '{} | compare({ status = error }, 5, 1000, 2000)',
    '{} | compare({ .a } && { .b })',
  ],
  secondStage: [
    '{} | rate() | topk(5)',
    '{} | rate() by(name) | bottomk(1)',
    '{} | rate() > 10',
    '{} | rate() by(name) >= -1.5 * 2',
    '{} | avg_over_time(duration) < 100ms',
    '{} | rate() | topk(5) > 3 | bottomk(2) != 4',
    '({} | rate() | topk(5)) > 3',
  ],
  metricsExpr: [
    '({ .a } | rate()) / ({} | rate())',
    '({} | rate()) * 100',
    '100 * ({} | rate())',
    '2 * 3 + ({} | rate())',
    '(({} | rate()) + ({} | rate())) / 2',
    '({} | rate()) + ({} | rate()) - ({} | rate()) > 5 | topk(3)',
    '({} | rate() by(name) | topk(3)) / ({} | rate() by(name))',
  ],
  hints: [
    '{} with (most_recent=true)',
    '{} | rate() with(sample=true)',
    '{} | rate() with (sample=0.1, exemplars=100) with (x="y", z=1s, w=nil)',
    '{} with (a=-1)',
  ],
  fieldExpr: [
    ...['+', '-', '*', '/', '%', '^'].map((op) => `{ .a ${op} .b = 1 }`),
    ...['=', '!=', '<', '<=', '>', '>=', '&&', '||'].map((op) => `{ .a ${op} .b }`),
    '{ .a =~ "x" }',
    '{ .a !~ `x` }',
    '{ !.a }',
    '{ !!(.a && .b) }',
    '{ -.a = -1 }',
    '{ .a = nil }',
    '{ nil != .a }',
    '{ nil = nil }',
    '{ nil != nil }',
    '{ (.a = 1) }',
    '{ 1 = 1 && 1d < 25h }',
    '{ status = error && kind != server && .b = true }',
    '{ .a > minInt && .a < maxInt }',
    '{ // comment\n .a /* another */ = 1 }',
  ],
  attributes: [
    '{ .a && span.a && resource.a && event.a && link.a && instrumentation.a }',
    '{ .http.status_code = 500 }',
    '{ span."a b"."c" = 1 }',
    '{ duration > 1s && name = "x" && statusMessage != "" && rootName = "a" && rootServiceName = "b" }',
    '{ traceDuration > 1s && nestedSetLeft > 1 && nestedSetRight > 1 && nestedSetParent < 0 }',
    '{ trace:duration > 1s && trace:rootName = "a" && trace:rootService = "b" && trace:id = "c" }',
    '{ span:duration > 1s && span:name = "a" && span:kind = client && span:status = ok && span:statusMessage = "" }',
    '{ span:id = "a" && span:parentID = "b" && span:childCount = 0 }',
    '{ event:name = "e" && event:timeSinceStart > 1ms && link:traceID = "a" && link:spanID = "b" }',
    '{ instrumentation:name = "a" && instrumentation:version = "1" }',
    '{ kind = unspecified || kind = internal || kind = producer || kind = consumer || status = unset }',
  ],
};

test('parseQuery: every production', () => {
  for (const [production, texts] of Object.entries(productions)) {
    for (const text of texts) {
      assert.equal(messageOf(text), 'accepted', `${production}: ${text}`);
      const query = parseQuery(text);
      assert.deepEqual(parseQuery(printQuery(query)), query, text);
    }
  }
});

/** Fully bracketed. */
function shape(expression: FieldExpression): string {
  switch (expression.kind) {
    case 'binary':
      return `(${shape(expression.left)} ${expression.op} ${shape(expression.right)})`;
    case 'unary':
      return `(${expression.op}${shape(expression.operand)})`;
    case 'static':
      return expression.value.type === 'nil' ? 'nil' : String(expression.value.value);
    default:
      return expression.name;
  }
}

const precedence: readonly (readonly [text: string, shape: string])[] = [
  ['.a || .b && .c', '((a || b) && c)'],
  ['.a && .b || .c', '((a && b) || c)'],
  ['.a || .b || .c', '((a || b) || c)'],
  ['.a = 1 || .b = 2 && .c = 3', '(((a = 1) || (b = 2)) && (c = 3))'],
  ['.a = .b = .c', '((a = b) = c)'],
  ['.a < .b =.c', '((a < b) = c)'],
  ['.a + .b = .c - .d', '((a + b) = (c - d))'],
  ['.a - .b - .c = 1', '(((a - b) - c) = 1)'],
  ['.a + .b * .c = 1', '((a + (b * c)) = 1)'],
  ['.a * .b + .c = 1', '(((a * b) + c) = 1)'],
  ['.a / .b * .c % .d = 1', '((((a / b) * c) % d) = 1)'],
  ['.a * .b ^ .c = 1', '((a * (b ^ c)) = 1)'],
  ['.a ^ .b ^ .c = 1', '((a ^ (b ^ c)) = 1)'],
  ['-2 ^ 2 = 4', '((-(2 ^ 2)) = 4)'],
  ['-.a * .b = 1', '((-(a * b)) = 1)'],
  ['-.a + .b = 1', '(((-a) + b) = 1)'],
  ['-.a = .b', '((-a) = b)'],
  ['.a * -.b + .c = 1', '(((a * (-b)) + c) = 1)'],
  ['.a * -.b * .c = 1', '((a * (-(b * c))) = 1)'],
  ['-5 = .a', '(-5 = a)'],
  ['-5 * .a = 1', '((-(5 * a)) = 1)'],
  ['-(5) = .a', '((-5) = a)'],
  ['- -5 = .a', '((--5) = a)'],
  ['!.a && .b', '((!a) && b)'],
  ['!.a = .b', '((!a) = b)'],
  ['!!.a', '(!(!a))'],
  ['!(.a && .b)', '(!(a && b))'],
  ['(.a || .b) && .c', '((a || b) && c)'],
  ['.a || (.b && .c)', '(a || (b && c))'],
];

test('parseQuery: precedence in braces', () => {
  for (const [text, expected] of precedence) {
    const query = parseQuery(`{ ${text} }`);
    assert.ok(query.kind === 'search' && query.pipeline[0].kind === 'filter');
    assert.equal(shape(query.pipeline[0].condition!), expected, text);
  }
});

test('parseQuery: ! binds looser than *, tighter than +', () => {
  assert.equal(messageOf('{ !.a * .b = 1 }'), 'illegal operation for the given type: !.a * .b (line 1, col 3)');
  assert.equal(messageOf('{ !.a + .b = 1 }'), 'illegal operation for the given types: !.a + .b (line 1, col 3)');
});

function spansetShape(spanset: SpansetExpression): string {
  if (spanset.kind === 'spansetOperation') {
    return `(${spansetShape(spanset.left)} ${spanset.op} ${spansetShape(spanset.right)})`;
  }
  return spanset.kind === 'filter' ? shape(spanset.condition!) : '(…)';
}

const spansetPrecedence: readonly (readonly [text: string, shape: string])[] = [
  ['{.a} || {.b} && {.c}', '((a || b) && c)'],
  ['{.a} && {.b} > {.c}', '(a && (b > c))'],
  ['{.a} > {.b} && {.c}', '((a > b) && c)'],
  ['{.a} > {.b} > {.c}', '((a > b) > c)'],
  ['{.a} >> {.b} ~ {.c} !<< {.d}', '(((a >> b) ~ c) !<< d)'],
  ['{.a} > ({.b} || {.c})', '(a > (b || c))'],
  ['{.a} &>> {.b} || {.c}', '((a &>> b) || c)'],
  ['({.a} | count() > 1) && {.b}', '((…) && b)'],
];

test('parseQuery: precedence of spanset operators', () => {
  for (const [text, expected] of spansetPrecedence) {
    const query = parseQuery(text);
    assert.ok(query.kind === 'search');
    assert.equal(spansetShape(query.pipeline[0] as SpansetExpression), expected, text);
  }
});

const folded: readonly (readonly [scalar: string, printed: string])[] = [
  ['1 + 2 * 3', '7'],
  ['(1 + 2) * 3', '9'],
  ['10 - 3 - 2', '5'],
  ['7 / 2', '3'],
  ['-7 / 2', '-3'],
  ['7 % 3', '1'],
  ['-2 ^ 2', '4'],
  ['2 ^ 3 ^ 2', '512'],
  ['2 ^ -1', '0.5'],
  ['7.0 / 2', '3.5'],
  ['1s + 500ms', '1s500ms'],
  ['2 * 1s', '2s'],
  ['1s / 4', '250ms'],
  ['1s / 4ms', '250.0'],
  ['--5', '5'],
  ['9007199254740993 + 1', '9007199254740994'],
  ['1 / 0', 'parse error at line 1, col 17: division by zero'],
  ['maxInt + 1', 'parse error at line 1, col 17: the result is out of range (64 bits, signed)'],
  ['10 ^ 100', 'parse error at line 1, col 17: the result is out of range (64 bits, signed)'],
  ['(-1) ^ 9223372036854775807', '-1'],
];

test('parseQuery: scalars are folded', () => {
  for (const [scalar, expected] of folded) {
    const text = `{ } | count() > ${scalar}`;
    const wanted = expected.startsWith('parse error') ? expected : `{ } | count() > ${expected}`;
    const actual = expected.startsWith('parse error') ? messageOf(text) : printQuery(parseQuery(text));
    assert.equal(actual, wanted, text);
    const threshold = `{ } | rate() > ${scalar}`;
    if (!scalar.includes('^') && !expected.startsWith('parse')) {
      assert.equal(printQuery(parseQuery(threshold)), `{ } | rate() > ${expected}`, threshold);
    }
  }
});

const END = 'syntax error: unexpected end of the query; expected';
const errors: readonly (readonly [text: string, place: string, message: string])[] = [
  ['', '1:1', `${END} {, (, by(), coalesce(), select(), count(), …`],
  ['{', '1:2', `${END} }, !, -, (, a value, an attribute`],
  ['{ name = ', '1:10', `${END} !, -, (, a value, an attribute`],
  ['{ .a', '1:5', `${END} }, =, !=, <, <=, >, …`],
  ['{ .a\n  = 1', '2:6', `${END} }, =, !=, &&, ||, +, …`],
  ['{ } | ', '1:7', `${END} {, rate(), count_over_time(), min_over_time(), max_over_time(), sum_over_time(), …`],
  ['{}{}', '1:3', 'syntax error: unexpected {; expected the end, |, &&, ||, >, <, …'],
  ['{})', '1:3', 'syntax error: unexpected ); expected the end, |, &&, ||, >, <, …'],
  ['({}', '1:4', `${END} ), |, &&, ||, >, <, …`],
  ["{ name = 'GET /' }", '1:10', 'invalid char literal; did you mean "GET /"?'],
  ['{ name = "GET }', '1:10', 'literal not terminated; expected "'],
  ['{ name == "x" }', '1:9', 'syntax error: unexpected ==, equality is one =; did you mean =?'],
  ['{ naem = "x" }', '1:3', 'syntax error: unexpected naem, neither an intrinsic nor a constant; did you mean name?'],
  [
    '{ Duration > 1s }',
    '1:3',
    'syntax error: unexpected Duration, neither an intrinsic nor a constant; did you mean duration?',
  ],
  [
    '{ foobar = "x" }',
    '1:3',
    'syntax error: unexpected foobar, neither an intrinsic nor a constant; did you mean .foobar?',
  ],
  [
    '{ name = GETx }',
    '1:10',
    'syntax error: unexpected GETx, neither an intrinsic nor a constant; did you mean "GETx"?',
  ],
  [
    '{ status = eror }',
    '1:12',
    'syntax error: unexpected eror, neither an intrinsic nor a constant; did you mean error?',
  ],
  [
    '{ trace:rotName = "x" }',
    '1:3',
    'syntax error: unexpected trace:rotName, neither an intrinsic nor a constant; did you mean trace:rootName?',
  ],
  [
    '{ http.method = "x" }',
    '1:3',
    'an attribute starts with a dot or with a scope, and http is no scope; did you mean .http.method?',
  ],
  ['{ childCount = 1 }', '1:3', 'intrinsic not yet supported: childCount; did you mean span:childCount?'],
  ['{ parent = 1 }', '1:3', 'intrinsic not yet supported: parent; did you mean span:parentID?'],
  ['{ .a & .b }', '1:6', 'unexpected &; did you mean &&?'],
  ['{ .a = 5x }', '1:8', 'invalid duration: x is not a unit of time: ns, us, ms, s, m, h, d, w, y'],
  ['{ . = 1 }', '1:3', 'an attribute name is missing'],
  ['name = "x"', '1:1', 'syntax error: unexpected name: conditions stand in braces; did you mean { name … }?'],
  ['.a = "x"', '1:1', 'syntax error: unexpected .a: conditions stand in braces; did you mean { .a … }?'],
  ['{} | cuont() > 1', '1:6', 'syntax error: unexpected cuont; did you mean count?'],
  ['rate()', '1:1', 'syntax error: rate() needs spans to count; did you mean { } | rate(…)?'],
  ['{} | topk(1)', '1:6', 'syntax error: topk() follows a metrics function'],
  ['{} | rate() | by(name)', '1:15', 'syntax error: no | stands before the by of a metrics function'],
  ['{} | rate() | { .a }', '1:15', 'syntax error: unexpected {; expected topk(), bottomk()'],
  ['coalesce()', '1:1', 'coalesce() cannot be the first stage: there is nothing to join'],
  ['({} | by(name)) | (coalesce())', '1:20', 'coalesce() cannot be the first stage: there is nothing to join'],
  ['{} | count()', '1:13', 'syntax error: the aggregate is compared with nothing'],
  ['{} | 1 > 2', '1:6', 'syntax error: one side of the comparison has to be an aggregate'],
  ['{} + {}', '1:4', 'syntax error: + cannot stand between spans and spans'],
  ['{} && 5', '1:4', 'syntax error: && cannot stand between spans and a number'],
  ['{} > ({} | rate())', '1:4', 'syntax error: > cannot stand between spans and metrics'],
  [
    '{} && count() > 1',
    '1:4',
    'syntax error: && cannot stand between spans and a pipeline stage; put a pipeline in brackets with its spans: ({ } | count() > 1)',
  ],
  ['{} | ({} | rate()) * 2', '1:6', 'metrics cannot follow a stage; write both sides of the operator in brackets'],
  ['{} | compare({}) | topk(1)', '1:1', 'compare() takes no second stage and no comparison'],
  ['{} | compare({}) > 1', '1:1', 'compare() takes no second stage and no comparison'],
  ['{} | compare(5)', '1:14', 'syntax error: compare() takes a filter; expected {'],
  ['{} | quantile_over_time(duration)', '1:33', 'syntax error: unexpected ); expected ,'],
  ['{} | quantile_over_time(duration, 1s)', '1:35', 'a plain number is expected here'],
  ['{} | rate() | topk(1.5)', '1:20', 'an integer is expected here'],
  ['{} | count() > -count()', '1:17', 'a minus takes a constant here'],
  ['{} with (most_recent)', '1:21', 'syntax error: unexpected ); expected ='],
  ['{} with most_recent=true', '1:9', 'syntax error: unexpected most_recent; expected ('],
  ['{} /* open', '1:4', 'comment not terminated; expected */'],
];

test('parseQuery: errors say where, what was expected and what was meant', () => {
  for (const [text, place, message] of errors) {
    const [line, column] = place.split(':');
    const wanted = `parse error at line ${line}, col ${column}: ${message}`;
    assert.equal(messageOf(text), wanted, text);
  }
});

test('diagnose: position, end and suggestion are apart from the message', () => {
  const text = '{\n  naem = "x" }';
  const [error] = diagnose(text);
  assert.deepEqual(error.position, { offset: 4, line: 2, column: 3 });
  assert.equal(text.slice(error.position.offset, error.end), 'naem');
  assert.equal(error.suggestion, 'name');
  assert.equal(error.code, 'QUERY_INVALID');
  assert.deepEqual(diagnose('{ }'), []);
});

test('parseQuery: what the static checks refuse has a place too', () => {
  const text = '{ .a = 1 } | { .b &&\n status = 2 }';
  const [error] = diagnose(text);
  assert.equal(error.message, 'binary operations must operate on the same type: status = 2 (line 2, col 2)');
  assert.deepEqual(error.position, { offset: 22, line: 2, column: 2 });
  assert.equal(text.slice(error.position.offset, error.end), 'status = 2');
});
