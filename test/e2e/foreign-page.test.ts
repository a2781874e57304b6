import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawConnection } from './raw-http.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/*
 *   <temporary>/secret.txt
 *               page/index.html  favicon.ico  static/main.js
 *               ui.json
 */
const temporary = mkdtempSync(join(tmpdir(), 'spoor-page-'));
const directory = join(temporary, 'page');
let spoor: RunningSpoor;

before(async () => {
  mkdirSync(join(directory, 'static'), { recursive: true });
  writeFileSync(join(temporary, 'secret.txt'), 'secret');
  writeFileSync(join(temporary, 'ui.json'), '{"menu":[]}');
  writeFileSync(join(directory, 'favicon.ico'), 'icon');
  writeFileSync(join(directory, 'static/main.js'), 'run();');
  writeFileSync(
    join(directory, 'index.html'),
    '<base href="/" data-inject-target="BASE_URL"/><script>JAEGER_CONFIG = DEFAULT_CONFIG;</script>',
  );
  spoor = await startSpoor({
    args: ['--query.static-files', directory, '--query.base-path', '/jaeger'],
    env: { QUERY_UI_CONFIG: join(temporary, 'ui.json') },
  });
});
after(async () => {
  await spoor.stop();
  rmSync(temporary, { recursive: true });
});

async function get(path: string): Promise<[number, string | null, string]> {
  const response = await fetch(spoor.jaeger + path);
  return [response.status, response.headers.get('content-type'), await response.text()];
}

test('foreign page: every address of the page is its index, filled in', async () => {
  const index = '<base href="/jaeger/" data-inject-target="BASE_URL"/><script>JAEGER_CONFIG = {"menu":[]};</script>';
  for (const path of ['', '/', '/index.html', '/search?service=x', '/trace/abc', '/static', '/%zz', '/a%00b']) {
    deepEqual(await get(path), [200, 'text/html; charset=utf-8', index], path);
  }
});

test('foreign page: files are themselves, and what is missing below /static/ is missing', async () => {
  deepEqual(await get('/static/main.js'), [200, 'text/javascript; charset=utf-8', 'run();']);
  deepEqual(await get('/favicon.ico'), [200, 'image/x-icon', 'icon']);
  deepEqual(await get('/static/gone.js'), [404, 'text/plain; charset=utf-8', '404 page not found\n']);
  const etag = (await fetch(`${spoor.jaeger}/static/main.js`)).headers.get('etag')!;
  const again = await fetch(`${spoor.jaeger}/static/main.js`, { headers: { 'if-none-match': etag } });
  equal(again.status, 304);
});

test('foreign page: the API, probes and metrics are where they were', async () => {
  equal((await get('/api/services'))[0], 200);
  deepEqual(await get('/api/nothing'), [404, 'text/plain; charset=utf-8', '404 page not found\n']);
  equal((await get('/ready'))[2], 'ready\n');
  ok((await get('/metrics'))[2].startsWith('# '));
  equal((await fetch(`${spoor.jaeger}/search`, { method: 'POST' })).status, 405);
});

test('foreign page: nothing outside its directory', async () => {
  for (const path of ['/../secret.txt', '/static/../../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt']) {
    const connection = new RawConnection(spoor.jaeger);
    connection.write(`GET /jaeger${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const { status, body } = await connection.reply();
    connection.close();
    // What looks like a file of the page's own is a 404, anything else the page itself.
    equal(status, path.startsWith('/static/') ? 404 : 200, path);
    equal(body.includes('secret'), false, path);
  }
});

test('foreign page: says what is missing and does not start', async () => {
  await rejects(startSpoor({ args: ['--query.static-files', temporary] }), /must have an index\.html/);
  const config = join(temporary, 'secret.txt');
  await rejects(
    startSpoor({ args: ['--query.static-files', directory, '--query.ui-config', config] }),
    /expecting \.js or \.json file/,
  );
});
