package main

// The guide's tracer, for both services. What the guide leaves out is marked with a plus.

import (
	"context"
	"log"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/exporters/jaeger"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.4.0"
	"go.opentelemetry.io/otel/trace"
)

func initTracer(serviceName string) (*sdktrace.TracerProvider, error) {
	exporter, err := jaeger.New(jaeger.WithCollectorEndpoint(
		jaeger.WithEndpoint(jaegerEndpoint()),
	))
	if err != nil {
		return nil, err
	}

	tp := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(baggageAttributes{"user_id"}), // +
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewWithAttributes(
			semconv.SchemaURL,
			semconv.ServiceNameKey.String(serviceName),
		)),
	)

	otel.SetTracerProvider(tp)
	// + Go's default is to pass nothing on.
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	return tp, nil
}

// + the guide has http://jaeger:14268/api/traces
func jaegerEndpoint() string {
	if endpoint := os.Getenv("JAEGER_ENDPOINT"); endpoint != "" {
		return endpoint
	}
	return "http://localhost:14268/api/traces"
}

// + baggageAttributes puts these entries of the baggage, and no others, on every span.
type baggageAttributes []string

func (keys baggageAttributes) OnStart(ctx context.Context, span sdktrace.ReadWriteSpan) {
	for _, key := range keys {
		if value := baggage.FromContext(ctx).Member(key).Value(); value != "" {
			span.SetAttributes(attribute.String(key, value))
		}
	}
}

func (baggageAttributes) OnEnd(sdktrace.ReadOnlySpan)      {}
func (baggageAttributes) Shutdown(context.Context) error   { return nil }
func (baggageAttributes) ForceFlush(context.Context) error { return nil }

// + logf prints a line that names the trace it belongs to.
func logf(ctx context.Context, format string, values ...any) {
	traceID := trace.SpanContextFromContext(ctx).TraceID()
	log.Printf("trace_id=%s "+format, append([]any{traceID}, values...)...)
}
