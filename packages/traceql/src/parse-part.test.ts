import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseConstant, parseFieldName } from './parse-part.ts';
import { printField, printStatic } from './printer.ts';

test('parseFieldName: a field, and nothing else', () => {
  for (const text of ['span.foo', '.a', 'duration', 'event:name', 'resource."a b"']) {
    assert.equal(printField(parseFieldName(text)!), text);
  }
  for (const text of ['', 'foo', 'a, b', 'name) | by(name', '.a = 1', '1']) {
    assert.equal(parseFieldName(text), undefined, text);
  }
});

test('parseConstant: a constant, and nothing else', () => {
  for (const text of ['"a"', '-1', '1.5', '20ms', 'error', 'client', 'true', 'nil']) {
    assert.equal(printStatic(parseConstant(text)!), text);
  }
  for (const text of ['', 'foo', '1 && .y = 2', '1 }', '.y', '1 } | rate(']) {
    assert.equal(parseConstant(text), undefined, text);
  }
});

test('parseFieldName, parseConstant: survive any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      parseFieldName(text);
      parseConstant(text);
    }),
  );
});
