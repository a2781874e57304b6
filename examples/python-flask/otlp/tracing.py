"""Tracing for both services. Where spans go is for the environment to say: OTEL_EXPORTER_OTLP_ENDPOINT,
http://localhost:4318 without it. So is sampling: OTEL_TRACES_SAMPLER, every trace without it."""

import logging
import os
import signal
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.logging import LoggingInstrumentor
from opentelemetry.processor.baggage import BaggageSpanProcessor
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

# Baggage is sent to whoever is called, and comes from whoever calls: only these keys become attributes.
BAGGAGE_ATTRIBUTES = {"user_id"}


def init_tracing(service_name):
    # Flask's and requests' instrumentations write http.response.status_code, not the old http.status_code.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service_name, SERVICE_VERSION: "1.0.0"}))
    provider.add_span_processor(BaggageSpanProcessor(BAGGAGE_ATTRIBUTES.__contains__))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)

    # Python ends at once on SIGTERM, and up to 5 s of spans with it. This way its exit handlers run,
    # and the provider's sends them.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    # Every log record knows its trace.
    LoggingInstrumentor().instrument(inject_trace_context=True)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s trace_id=%(otelTraceID)s %(message)s")
