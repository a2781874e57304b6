import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from './command-line.ts';

const isForeign = (flag: string): boolean => flag.includes('.');
const options = [{ flag: 'data-dir' }, { flag: 'config.file' }, { flag: 'config.verify', isSwitch: true }];

test('parseCommandLine: the ways of Go’s programs and of everybody else’s', () => {
  const cases: readonly (readonly [readonly string[], Readonly<Record<string, string>>])[] = [
    [['--data-dir', '/x'], { 'data-dir': '/x' }],
    [['--data-dir=/x=y'], { 'data-dir': '/x=y' }],
    [['--data-dir='], { 'data-dir': '' }],
    [['-config.file=/etc/tempo.yaml'], { 'config.file': '/etc/tempo.yaml' }],
    [['-config.file', '/etc/tempo.yaml'], { 'config.file': '/etc/tempo.yaml' }],
    [['-config.verify', '-config.file', 'a'], { 'config.verify': 'true', 'config.file': 'a' }],
    [['--config.verify=false'], { 'config.verify': 'false' }],
    [['--data-dir', 'a', '--data-dir', 'b'], { 'data-dir': 'b' }],
  ];
  for (const [args, expected] of cases) {
    deepEqual(Object.fromEntries(parseCommandLine(args, options, isForeign).values), expected, args.join(' '));
  }
});

test('parseCommandLine: dotted names of others are passed over with their values, our own are errors', () => {
  const { values, foreign } = parseCommandLine(
    ['--es.server-urls', 'http://es:9200', '--es.use-aliases', '--kafka.x=1', '--data-dir', 'a'],
    options,
    isForeign,
  );
  deepEqual(foreign, [
    { flag: 'es.server-urls', text: 'http://es:9200' },
    { flag: 'es.use-aliases', text: undefined },
    { flag: 'kafka.x', text: '1' },
  ]);
  deepEqual([...values], [['data-dir', 'a']]);
  throws(
    () => parseCommandLine(['--data-dri', 'x'], options, isForeign),
    /^ConfigError: unknown option --data-dri; did you mean --data-dir\?$/,
  );
  throws(() => parseCommandLine(['-vx'], options, isForeign), /unknown option --vx/);
  throws(() => parseCommandLine(['serve'], options, isForeign), /'serve' is not an option/);
  throws(() => parseCommandLine(['--'], options, isForeign), /'--' is not an option/);
  throws(() => parseCommandLine(['--data-dir'], options, isForeign), /--data-dir needs a value/);
  throws(() => parseCommandLine(['--data-dir', '--config.verify'], options, isForeign), /--data-dir needs a value/);
});

test('parseCommandLine: help and version, whoever’s way', () => {
  const asked = (arg: string): readonly boolean[] => {
    const { isHelp, isVersion } = parseCommandLine([arg], options, isForeign);
    return [isHelp, isVersion];
  };
  deepEqual(['-h', '--help', '-help'].map(asked), [
    [true, false],
    [true, false],
    [true, false],
  ]);
  deepEqual(['-v', '--version', '-version'].map(asked), [
    [false, true],
    [false, true],
    [false, true],
  ]);
});
