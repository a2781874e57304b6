package main

import (
	"context"
	"log/slog"
	"os"

	"go.opentelemetry.io/contrib/processors/baggagecopy"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
)

// initTracing prepares tracing for both services. Where spans go is for the environment to say:
// OTEL_EXPORTER_OTLP_ENDPOINT, here http://localhost:4318 without it. So is sampling: OTEL_TRACES_SAMPLER, every
// trace without it.
func initTracing(ctx context.Context, serviceName string) (*sdktrace.TracerProvider, error) {
	var options []otlptracehttp.Option
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		options = append(options, otlptracehttp.WithEndpointURL("http://localhost:4318/v1/traces")) // Go's own default is https
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, err
	}

	provider := sdktrace.NewTracerProvider(
		// Baggage is sent to whoever is called, and comes from whoever calls: only this key becomes an attribute.
		sdktrace.WithSpanProcessor(baggagecopy.NewSpanProcessor(func(member baggage.Member) bool {
			return member.Key() == "user_id"
		})),
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewWithAttributes(
			semconv.SchemaURL,
			semconv.ServiceName(serviceName),
			semconv.ServiceVersion("1.0.0"),
		)),
	)
	otel.SetTracerProvider(provider)
	// Go's default is to pass nothing on.
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	slog.SetDefault(slog.New(traceIDs{slog.NewJSONHandler(os.Stderr, nil)}))
	return provider, nil
}

// traceIDs is a slog handler that adds to each record the trace that it belongs to: slog.InfoContext(ctx, …).
type traceIDs struct{ slog.Handler }

func (h traceIDs) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, record)
}
