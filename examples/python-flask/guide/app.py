"""my-service: the guide's Flask program. What the guide leaves out is marked with a plus."""

import logging
import os

import requests
from flask import Flask, request
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.propagate import inject
from opentelemetry.trace import Status, StatusCode

from tracing import baggage_entry, init_tracer

init_tracer("my-service")
logger = logging.getLogger(__name__)

# Instrument Flask
app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)


@app.route('/api/users')
def get_users():
    tracer = trace.get_tracer(__name__)

    with baggage_entry("user_id", request.headers.get("X-User-Id", "42")):  # +
        with tracer.start_as_current_span("get_users") as span:
            span.set_attribute("user.count", 100)
            # Business logic
            process_request()
            users = fetch_users_from_db()
            span.add_event("users.fetched", {"user.count": len(users)})  # +
            try:  # +
                return {"users": users, "profile": fetch_profile()}
            except requests.HTTPError as error:
                # An exception that leaves the span's block is recorded by itself; this one is handled here.
                span.record_exception(error)
                span.set_status(Status(StatusCode.ERROR, str(error)))
                return {"error": "downstream-service failed"}, 502


def fetch_users_from_db():
    tracer = trace.get_tracer(__name__)

    with tracer.start_as_current_span("database_query") as span:
        span.set_attribute("db.system", "postgresql")
        span.set_attribute("db.statement", "SELECT * FROM users")
        # Database query
        return query_database()


def query_database():
    """+"""
    return [{"id": id, "name": f"user {id}"} for id in range(1, 101)]


def fetch_profile():
    headers = {}
    inject(headers)  # Injects trace context

    response = requests.get(os.environ["DOWNSTREAM_URL"], headers=headers, timeout=10)
    response.raise_for_status()
    return response.json()


def process_request():
    span = trace.get_current_span()
    trace_id = span.get_span_context().trace_id

    logger.info(
        "Processing request",
        extra={"trace_id": format(trace_id, '032x')}
    )


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8080")))
