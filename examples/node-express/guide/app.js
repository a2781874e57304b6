// my-service: the guide's Express program. What the guide leaves out is marked with a plus.

const { initTracer, log } = require('./tracing'); // before Express and HTTP, so that these can be instrumented
initTracer('my-service');

const { SpanStatusCode, context, propagation, trace } = require('@opentelemetry/api'); // +
const axios = require('axios'); // +

const express = require('express');
const app = express();

// + The user goes into the baggage: every span from here on has it, and every request that is sent.
app.use((req, res, next) => {
  const baggage = propagation.createBaggage({ user_id: { value: req.get('X-User-Id') ?? '42' } });
  context.with(propagation.setBaggage(context.active(), baggage), next);
});

app.get('/api/users', async (req, res) => {
  const tracer = trace.getTracer('my-service');
  const span = tracer.startSpan('get_users');

  try {
    const users = await fetchUsers();
    span.setAttributes({ 'user.count': users.length });
    span.addEvent('users.fetched', { 'user.count': users.length }); // +
    res.json({ users });
  } catch (error) { // +
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    res.status(502).json({ error: 'downstream-service failed' });
  } finally {
    span.end();
  }
});

// + get_users is not the active span (startActiveSpan would have made it so): the call is its sibling in the trace.
async function fetchUsers() {
  log('Processing request');
  const headers = {};
  propagation.inject(context.active(), headers);

  const response = await axios.get(process.env.DOWNSTREAM_URL, { headers });
  return response.data.users;
}

app.listen(process.env.PORT ?? 8080, '127.0.0.1'); // +
