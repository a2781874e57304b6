// my-service: reads users from downstream-service, on behalf of the one who calls.

import { SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import express from 'express';
import pino from 'pino';

const tracer = trace.getTracer('my-service');
const logger = pino();
const app = express();

// The user goes into the baggage: every span from here on has it, and every request that is sent.
app.use((request, response, next) => {
  const userId = request.get('X-User-Id') ?? '42';
  trace.getActiveSpan()?.setAttribute('user_id', userId); // the request's own span began before the baggage
  const baggage = propagation.createBaggage({ user_id: { value: userId } });
  context.with(propagation.setBaggage(context.active(), baggage), next);
});

app.get('/api/users', (request, response) =>
  tracer.startActiveSpan('get_users', async (span) => {
    try {
      const users = await fetchUsers();
      span.setAttribute('user.count', users.length);
      span.addEvent('users.fetched', { 'user.count': users.length });
      response.json({ users });
    } catch (error) {
      // Recording makes an event of it; that the span has failed must be said apart.
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      logger.error('downstream-service failed');
      response.status(502).json({ error: 'downstream-service failed' });
    } finally {
      span.end();
    }
  }),
);

async function fetchUsers() {
  logger.info('Fetching users');
  const response = await fetch(process.env.DOWNSTREAM_URL);
  if (!response.ok) throw new Error(`downstream-service answered ${response.status}`);
  return (await response.json()).users;
}

app.listen(process.env.PORT ?? 8080, '127.0.0.1');
