import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { demoHelp, readDemoOptions } from './demo-options.ts';

test('readDemoOptions: nothing has to be said', () => {
  deepEqual(readDemoOptions([]), {
    forMilli: undefined,
    rate: 5,
    endpoint: undefined,
    page: undefined,
    dataDir: undefined,
    logs: false,
  });
  equal(readDemoOptions(['-h']), undefined);
});

test('readDemoOptions: values', () => {
  const options = readDemoOptions(['--for', '1.5m', '--rate=0.5', '--endpoint', 'http://collector:4318/', '--logs'])!;
  deepEqual(
    [options.forMilli, options.rate, options.endpoint, options.logs],
    [90_000, 0.5, 'http://collector:4318', true],
  );
});

test('readDemoOptions: says what is wrong in one line', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--for', '30'], /^--for must be a time such as 30s or 5m, not '30'$/],
    [['--rate', '0'], /^--rate must be a number of requests a second/],
    [['--endpoint', 'localhost:4318'], /^--endpoint must be an address such as http:\/\/localhost:4318, not/],
    [['--unknown'], /^Unknown option '--unknown'; see npm run demo -- --help$/],
    [['more'], /^Unexpected argument 'more'/],
  ];
  for (const [args, message] of cases) throws(() => readDemoOptions(args), { name: 'DemoUsageError', message });
});

test('demoHelp: names every option', () => {
  for (const name of ['for', 'rate', 'endpoint', 'page', 'data-dir', 'logs']) {
    equal(demoHelp.includes(`  --${name} `), true, name);
  }
});
