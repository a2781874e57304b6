import { SpanStatusCode } from '@opentelemetry/api';
import { logLine, runService } from '../demo-service.ts';
import type { Call, Reply } from '../http-server.ts';
import { pause } from '../pause.ts';
import { verifyToken } from '../session-token.ts';

await runService('auth-service', () => [{ method: 'POST', path: '/verify', handle: verify }]);

/** The demo's error: some users' tokens have expired. */
async function verify({ span, body }: Call): Promise<Reply> {
  await pause(6);
  try {
    const { user, tenant, expires } = verifyToken((body as { token: string }).token, Date.now());
    span.addEvent('token verified', { 'token.expires_in_seconds': expires - Math.floor(Date.now() / 1000) });
    return { status: 200, body: { user, tenant } };
  } catch (error) {
    const { name, message } = error as Error;
    span.recordException(error as Error);
    span.setAttribute('error.type', name);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    logLine('error', message, { error: name });
    return { status: 401, body: { error: message } };
  }
}
