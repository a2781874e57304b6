"""client.py EXPORTER URL SERVICE sends one trace of two spans and prints its id."""

import sys

from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind


def new_exporter(kind, url):
    # Each in an environment of its own: their requirements exclude each other.
    match kind:
        case "otlp-grpc":
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
            return OTLPSpanExporter(endpoint=url, insecure=True)
        case "otlp-http":
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import Compression, OTLPSpanExporter
            return OTLPSpanExporter(endpoint=url, compression=Compression.Gzip)
        case "zipkin-json":
            from opentelemetry.exporter.zipkin.json import ZipkinExporter
            return ZipkinExporter(endpoint=url)
        case "zipkin-proto":
            from opentelemetry.exporter.zipkin.proto.http import ZipkinExporter
            return ZipkinExporter(endpoint=url)
        case "jaeger-grpc":
            from opentelemetry.exporter.jaeger.proto.grpc import JaegerExporter
            return JaegerExporter(collector_endpoint=url, insecure=True)


def main():
    kind, url, service = sys.argv[1:]
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
    provider.add_span_processor(BatchSpanProcessor(new_exporter(kind, url)))
    tracer = provider.get_tracer("orders", "1.2.3")

    with tracer.start_as_current_span("GET /cart", kind=SpanKind.SERVER) as cart:
        cart.set_attributes({
            "order.note": "naïve 雪",
            "order.items": 3,
            "order.total": 0.25,
            "order.gift": True,
            "order.tags": ["a", "b"],
        })
        try:
            with tracer.start_as_current_span("charge", kind=SpanKind.CLIENT) as charge:
                charge.add_event("retry", {"attempt": 2})
                raise ValueError("card declined")
        except ValueError:
            pass
    print(f"trace_id={cart.get_span_context().trace_id:032x}")
    provider.shutdown()


main()
