import { context, propagation } from '@opentelemetry/api';
import { runService } from '../demo-service.ts';
import { callHttp } from '../http-client.ts';
import type { Call, Reply } from '../http-server.ts';
import { pause } from '../pause.ts';
import { peekToken } from '../session-token.ts';

/*
 * The first service of the chain. It knows who is asking, and puts that into the baggage: from here on every service
 * has it, and every span gets it as an attribute.
 */
await runService('frontend', (peer) => [
  { method: 'GET', path: '/profile', handle: (call) => page(call, peer('api-gateway'), '/api/profile') },
  { method: 'GET', path: '/orders', handle: (call) => page(call, peer('api-gateway'), '/api/orders') },
]);

async function page(call: Call, gateway: string, path: string): Promise<Reply> {
  const { span, headers } = call;
  const authorization = headers.authorization ?? '';
  const session = peekToken(authorization.replace(/^Bearer /, ''));
  const user = { user_id: session?.user ?? 'anonymous', tenant: session?.tenant ?? 'none' };
  // The server span began before anyone knew; those below it get theirs from the baggage.
  span.setAttributes(user);
  span.addEvent('session read');
  const baggage = propagation.createBaggage({ user_id: { value: user.user_id }, tenant: { value: user.tenant } });
  return context.with(propagation.setBaggage(context.active(), baggage), async () => {
    const answer = await callHttp({
      method: 'GET',
      base: gateway,
      peer: 'api-gateway',
      path,
      headers: { authorization },
    });
    if (answer.status === 401) return { status: 401, body: { page: 'please log in again' } };
    if (answer.status !== 200) return { status: 502, body: { page: 'something went wrong' } };
    await pause(4);
    span.addEvent('page rendered', { 'page.fields': Object.keys(answer.body).length });
    return { status: 200, body: { page: answer.body } };
  });
}
