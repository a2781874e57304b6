import { logLine, runService } from '../demo-service.ts';
import { callHttp } from '../http-client.ts';
import { HttpError, type Call, type Reply } from '../http-server.ts';
import { pause } from '../pause.ts';

type Peer = (name: string) => string;

await runService('api-gateway', (peer) => [
  { method: 'GET', path: '/api/profile', handle: (call) => forUser(call, peer, '/users/{id}') },
  { method: 'GET', path: '/api/orders', handle: (call) => forUser(call, peer, '/users/{id}/orders') },
]);

/** Lets a request in, then asks the user service on behalf of whoever it came from. */
async function forUser({ span, headers }: Call, peer: Peer, template: string): Promise<Reply> {
  await pause(2);
  const verdict = await callHttp({
    method: 'POST',
    base: peer('auth-service'),
    peer: 'auth-service',
    path: '/verify',
    body: { token: (headers.authorization ?? '').replace(/^Bearer /, '') },
  });
  if (verdict.status !== 200) {
    span.addEvent('access denied', { reason: String(verdict.body['error']) });
    logLine('warn', 'access denied', { reason: verdict.body['error'] });
    throw new HttpError(401, String(verdict.body['error']));
  }
  span.addEvent('access granted');
  const answer = await callHttp({
    method: 'GET',
    base: peer('user-service'),
    peer: 'user-service',
    path: template.replace('{id}', encodeURIComponent(String(verdict.body['user']))),
    template,
  });
  if (answer.status !== 200) throw new HttpError(502, `user-service answered ${answer.status}`);
  await pause(1);
  return { status: 200, body: answer.body };
}
