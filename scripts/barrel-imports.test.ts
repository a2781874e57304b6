import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutBarrels } from './barrel-imports.ts';

const fileOf = (room: string, name: string): string => `/${room}/${name}.ts`;

test('withoutBarrels: values come from their files, types from nowhere, lines stay', () => {
  const source = "import { a, type B } from '@spoor/model';\nimport {\n  c as d,\n} from '@spoor/wire';\nd(a);";
  assert.equal(
    withoutBarrels(source, fileOf),
    'import { a } from "/model/a.ts";\nimport { c as d } from "/wire/c.ts";\n\n\nd(a);',
  );
});

test('withoutBarrels: other imports stay as they are', () => {
  const source = "import type { A } from '@spoor/model';\nimport { b } from './b.ts';\nimport { c } from 'react';";
  assert.equal(withoutBarrels(source, fileOf), source);
});
