import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openLog } from '../log.ts';
import { probabilistic } from './sampling-strategy.ts';
import { StrategySource } from './strategy-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'spoor-strategies-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const lines: string[] = [];
const log = openLog('text', (line) => lines.push(line));
const strategy = (param: number): string => `{"default_strategy":{"type":"probabilistic","param":${param}}}`;

test('StrategySource: a file that changes; one that is damaged or gone changes nothing, and is said once', async () => {
  const location = join(directory, 'strategies.json');
  writeFileSync(location, strategy(0.5));
  const source = await StrategySource.open({ location, defaultProbability: 1, reloadMilli: undefined, log });
  deepEqual(source.strategyFor('a'), probabilistic(0.5));
  writeFileSync(location, strategy(0.25));
  await source.reload();
  deepEqual(source.strategyFor('a'), probabilistic(0.25));
  lines.length = 0;
  for (const damage of ['{', '{']) {
    writeFileSync(location, damage);
    await source.reload();
  }
  rmSync(location);
  await source.reload();
  deepEqual(source.strategyFor('a'), probabilistic(0.25));
  equal(lines.length, 2, lines.join(''));
  match(lines[1], /ENOENT/);
  const failed = source.status();
  match(failed.complaint ?? '', /ENOENT/);
  deepEqual(failed.otherwise, probabilistic(0.25));
  ok(failed.readMilli! >= failed.changedMilli!);
  writeFileSync(location, strategy(0.125));
  await source.reload();
  deepEqual(source.strategyFor('a'), probabilistic(0.125));
  equal(source.status().complaint, undefined);
  source.close();
});

test('StrategySource: looks again by itself', async () => {
  const location = join(directory, 'watched.yaml');
  writeFileSync(location, 'sampler: {type: const, param: 0}');
  const source = await StrategySource.open({ location, defaultProbability: 1, reloadMilli: 10, log });
  writeFileSync(location, 'sampler: {type: const, param: 1}');
  while (source.strategyFor('a').samplingRate === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  source.close();
});

test('StrategySource: a file that cannot be used stops the start', async () => {
  const open = (location: string): Promise<StrategySource> =>
    StrategySource.open({ location, defaultProbability: 1, reloadMilli: undefined, log });
  await rejects(open(join(directory, 'missing.json')), /missing\.json.*ENOENT/);
  writeFileSync(join(directory, 'bad.json'), '{"default_strategy":3}');
  await rejects(open(join(directory, 'bad.json')), /default_strategy must be an object/);
});

test('StrategySource: a URL; 503 is "none now", other failures keep what was', async () => {
  let answer: [status: number, body: string] = [500, ''];
  const server = createServer((_request, response) => response.writeHead(answer[0]).end(answer[1]));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/strategies`;
  const source = await StrategySource.open({ location, defaultProbability: 0.75, reloadMilli: undefined, log });
  const after = async (status: number, body: string): Promise<number | undefined> => {
    answer = [status, body];
    await source.reload();
    return source.strategyFor('a').samplingRate;
  };
  equal(source.strategyFor('a').samplingRate, 0.75, 'it may come up later');
  equal(await after(200, strategy(0.5)), 0.5);
  equal(await after(404, ''), 0.5);
  equal(await after(503, ''), 0.75);
  equal(await after(200, strategy(0.5)), 0.5);
  source.close();
  server.closeAllConnections();
  server.close();
});
