/**
 * Runs in a network of its own, where every default port is free: a Spoor without options, and examples without any.
 * The first argument is the examples' folder, each other one is `NAME FORM`. Prints how many spans of each one's good
 * trace arrived.
 */
import process from 'node:process';
import { join } from 'node:path';
import { ScratchDirectory } from '../../bench/bench-options.ts';
import { askJaeger, eventually } from '../e2e/jaeger-client.ts';
import { startSpoor } from '../e2e/start-spoor.ts';
import { run } from './client-program.ts';

const [folder, ...examples] = process.argv.slice(2);
using scratch = new ScratchDirectory();
const spoor = await startSpoor({ onlyArgs: ['--data-dir', scratch.path, '--log-format', 'json'] });
for (const example of examples) {
  const [name, form] = example.split(' ');
  const output = await run(join(folder, name, 'run.sh'), [form], { cwd: '/' });
  const [link, base, id] = /the good trace: +(http.*)\/trace\/([0-9a-f]{32})/.exec(output) ?? [];
  if (link === undefined) throw new Error(output);
  const spanCount = await eventually(
    link,
    async () => (await askJaeger(base, `/api/traces/${id}`)).data?.[0]?.spans.length,
  );
  console.log(`${example}: ${spanCount} spans`);
}
await spoor.stop();
