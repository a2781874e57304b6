// downstream-service, which the guide's program calls and does not show.

const { initTracer, log } = require('./tracing');
initTracer('downstream-service');

const { SpanStatusCode, context, propagation, trace } = require('@opentelemetry/api');
const express = require('express');

const app = express();
const tracer = trace.getTracer('downstream-service');

app.get('/api', (req, res) => {
  tracer.startActiveSpan('load_users', (span) => {
    try {
      res.json({ users: loadUsers(span) });
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      res.status(500).json({ error: error.message });
    } finally {
      span.end();
    }
  });
});

function loadUsers(span) {
  // Set by my-service, carried by the request's headers.
  const userId = propagation.getBaggage(context.active())?.getEntry('user_id')?.value;
  log(`Loading the users that user ${userId} may see`);
  span.addEvent('cache.miss', { 'cache.key': `users:${userId}` });
  if (userId === '0') throw new RangeError('nobody has id 0');
  return Array.from({ length: 100 }, (_, index) => ({ id: index + 1, name: `user ${index + 1}` }));
}

app.listen(process.env.PORT ?? 8081, '127.0.0.1');
