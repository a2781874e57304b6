"""downstream-service, which the guide's program calls and does not show."""

import logging
import os

from flask import Flask
from opentelemetry import baggage, trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor

from tracing import init_tracer

init_tracer("downstream-service")
logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)

app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)


@app.route("/api")
def get_profile():
    with tracer.start_as_current_span("load_profile") as span:
        user_id = baggage.get_baggage("user_id")  # set by my-service, carried by the request's headers
        trace_id = format(span.get_span_context().trace_id, "032x")
        logger.info("Loading the profile of user %s", user_id, extra={"trace_id": trace_id})
        span.add_event("cache.miss", {"cache.key": f"profile:{user_id}"})
        if user_id == "0":
            raise LookupError("nobody has id 0")  # leaves the span's block: recorded, and the span has failed
        return {"user_id": user_id, "plan": "gold"}


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8081")))
