"""The guide's tracer, for both services. What the guide leaves out is marked with a plus."""

import logging
import os
import signal
import sys
from contextlib import contextmanager

from opentelemetry import baggage, trace
from opentelemetry.context import attach, detach
from opentelemetry.exporter.jaeger.thrift import JaegerExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def init_tracer(service_name):
    # Initialize tracer
    resource = Resource(attributes={SERVICE_NAME: service_name})
    provider = TracerProvider(resource=resource)
    processor = BatchSpanProcessor(JaegerExporter(
        agent_host_name=os.environ.get("JAEGER_AGENT_HOST", "localhost"),  # the guide has "jaeger"
        agent_port=int(os.environ.get("JAEGER_AGENT_PORT", "6831")),
    ))
    provider.add_span_processor(BaggageAttributes(["user_id"]))  # +
    provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)

    # + Python ends at once on SIGTERM, and up to 5 s of spans with it. This way its exit handlers run,
    #   and the provider's sends them.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    show_trace_ids()


class BaggageAttributes(SpanProcessor):
    """+ Puts these entries of the baggage, and no others, on every span."""

    def __init__(self, keys):
        self._keys = keys

    def on_start(self, span, parent_context=None):
        for key in self._keys:
            value = baggage.get_baggage(key, parent_context)
            if value is not None:
                span.set_attribute(key, value)


@contextmanager
def baggage_entry(key, value):
    """+ Everything inside carries this entry, and so does every request that it sends."""
    token = attach(baggage.set_baggage(key, value))
    try:
        yield
    finally:
        detach(token)


def show_trace_ids():
    """+ A log line shows the guide's `extra={"trace_id": …}` only if the format asks for it."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s trace_id=%(trace_id)s %(message)s", defaults={"trace_id": "-"}))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
