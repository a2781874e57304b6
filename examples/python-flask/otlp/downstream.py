"""downstream-service: knows the profile of a user, whom the baggage names."""

import logging
import os

from flask import Flask
from opentelemetry import baggage, trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor

from tracing import init_tracing

init_tracing("downstream-service")
tracer = trace.get_tracer(__name__)
logger = logging.getLogger(__name__)

app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)


@app.get("/api")
def get_profile():
    with tracer.start_as_current_span("load_profile") as span:
        user_id = baggage.get_baggage("user_id")  # set by my-service, carried by the request's headers
        logger.info("Loading the profile of user %s", user_id)
        span.add_event("cache.miss", {"cache.key": f"profile:{user_id}"})
        if user_id == "0":
            raise LookupError("nobody has id 0")  # leaves the span's block: recorded, and the span has failed
        return {"user_id": user_id, "plan": "gold"}


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8081")))
