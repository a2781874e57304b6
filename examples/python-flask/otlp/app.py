"""my-service: reads users, asks downstream-service about the one who calls."""

import logging
import os

import requests
from flask import Flask, request
from opentelemetry import baggage, context, trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.trace import Status, StatusCode

from tracing import init_tracing

init_tracing("my-service")
tracer = trace.get_tracer(__name__)
logger = logging.getLogger(__name__)

app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)  # a span for each request, in the trace that its headers name
RequestsInstrumentor().instrument()  # a span for each call, and its headers: traceparent, tracestate, baggage


@app.get("/api/users")
def get_users():
    user_id = request.headers.get("X-User-Id", "42")
    trace.get_current_span().set_attribute("user_id", user_id)  # the request's own span began before the baggage
    token = context.attach(baggage.set_baggage("user_id", user_id))
    try:
        return list_users()
    finally:
        context.detach(token)


@tracer.start_as_current_span("get_users")
def list_users():
    span = trace.get_current_span()
    logger.info("Listing users")
    users = select_users()
    span.set_attribute("user.count", len(users))
    span.add_event("users.fetched", {"user.count": len(users)})
    try:
        return {"users": users, "profile": fetch_profile()}
    except requests.HTTPError as error:
        # An exception that leaves the span's block is recorded by itself; this one is handled here.
        span.record_exception(error)
        span.set_status(Status(StatusCode.ERROR, str(error)))
        logger.error("downstream-service failed")
        return {"error": "downstream-service failed"}, 502


def select_users():
    attributes = {"db.system.name": "postgresql", "db.query.text": "SELECT * FROM users"}
    with tracer.start_as_current_span("SELECT users", kind=trace.SpanKind.CLIENT, attributes=attributes):
        return [{"id": id, "name": f"user {id}"} for id in range(1, 101)]


def fetch_profile():
    response = requests.get(os.environ["DOWNSTREAM_URL"], timeout=10)
    response.raise_for_status()
    return response.json()


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8080")))
