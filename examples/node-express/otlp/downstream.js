// downstream-service: knows the users that the one in the baggage may see.

import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import express from 'express';
import pino from 'pino';

const tracer = trace.getTracer('downstream-service');
const logger = pino();
const app = express();

app.get('/api', (request, response) => {
  const attributes = { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM users' };
  tracer.startActiveSpan('SELECT users', { kind: SpanKind.CLIENT, attributes }, (span) => {
    try {
      response.json({ users: selectUsers(span) });
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      response.status(500).json({ error: error.message });
    } finally {
      span.end();
    }
  });
});

function selectUsers(span) {
  // Set by my-service, carried by the request's headers.
  const userId = propagation.getBaggage(context.active())?.getEntry('user_id')?.value;
  logger.info(`Selecting the users that user ${userId} may see`);
  span.addEvent('cache.miss', { 'cache.key': `users:${userId}` });
  if (userId === '0') throw new RangeError('nobody has id 0');
  return Array.from({ length: 100 }, (_, index) => ({ id: index + 1, name: `user ${index + 1}` }));
}

app.listen(process.env.PORT ?? 8081, '127.0.0.1');
