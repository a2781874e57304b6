// client EXPORTER URL sends one trace of two spans and prints its id. client sample URL asks for a sampling strategy
// there, starts a thousand spans under it, sends what it sampled to OTEL_EXPORTER_OTLP_ENDPOINT, and prints how many.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"go.opentelemetry.io/contrib/samplers/jaegerremote"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/jaeger"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	ctx := context.Background()
	kind, url, service := os.Args[1], os.Args[2], os.Args[3]
	var err error
	if kind == "sample" {
		err = sample(ctx, url, service)
	} else {
		err = sendOrder(ctx, kind, url, service)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func newExporter(ctx context.Context, kind, url string) (sdktrace.SpanExporter, error) {
	switch kind {
	case "otlp-grpc":
		return otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(url))
	case "otlp-http":
		return otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(url), otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	case "jaeger-agent":
		host, port, err := net.SplitHostPort(url)
		if err != nil {
			return nil, err
		}
		return jaeger.New(jaeger.WithAgentEndpoint(jaeger.WithAgentHost(host), jaeger.WithAgentPort(port)))
	default:
		return nil, fmt.Errorf("no exporter %s", kind)
	}
}

func newProvider(exporter sdktrace.SpanExporter, service string, sampler sdktrace.Sampler) *sdktrace.TracerProvider {
	return sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sampler),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))),
	)
}

func sendOrder(ctx context.Context, kind, url, service string) error {
	exporter, err := newExporter(ctx, kind, url)
	if err != nil {
		return err
	}
	provider := newProvider(exporter, service, sdktrace.AlwaysSample())
	tracer := provider.Tracer("orders", trace.WithInstrumentationVersion("1.2.3"))

	ctx, cart := tracer.Start(ctx, "GET /cart", trace.WithSpanKind(trace.SpanKindServer))
	cart.SetAttributes(
		attribute.String("order.note", "naïve 雪"),
		attribute.Int("order.items", 3),
		attribute.Float64("order.total", 0.25),
		attribute.Bool("order.gift", true),
		attribute.StringSlice("order.tags", []string{"a", "b"}),
	)
	_, charge := tracer.Start(ctx, "charge", trace.WithSpanKind(trace.SpanKindClient))
	charge.AddEvent("retry", trace.WithAttributes(attribute.Int("attempt", 2)))
	failure := errors.New("card declined")
	charge.RecordError(failure)
	charge.SetStatus(codes.Error, failure.Error())
	charge.End()
	cart.End()
	fmt.Printf("trace_id=%s\n", cart.SpanContext().TraceID())
	return provider.Shutdown(ctx)
}

func sample(ctx context.Context, url, service string) error {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return err
	}
	sampler := jaegerremote.New(service,
		jaegerremote.WithSamplingServerURL(url),
		jaegerremote.WithSamplingRefreshInterval(100*time.Millisecond),
		jaegerremote.WithInitialSampler(sdktrace.NeverSample()),
	)
	defer sampler.Close()
	provider := newProvider(exporter, service, sampler)
	tracer := provider.Tracer("sampled")

	deadline := time.Now().Add(20 * time.Second)
	for !isSampled(ctx, tracer, "first") {
		if time.Now().After(deadline) {
			return errors.New("no strategy came: nothing was sampled in 20 s")
		}
		time.Sleep(10 * time.Millisecond)
	}
	count := 0
	for range 1000 {
		if isSampled(ctx, tracer, "sampled") {
			count++
		}
	}
	fmt.Printf("sampled=%d\n", count)
	return provider.Shutdown(ctx)
}

func isSampled(ctx context.Context, tracer trace.Tracer, name string) bool {
	_, span := tracer.Start(ctx, name)
	span.End()
	return span.SpanContext().IsSampled()
}
