import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.extension.trace.jaeger.sampler.JaegerRemoteSampler;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Client EXPORTER URL SERVICE sends one trace of two spans and prints its id. Client sample URL SERVICE ENDPOINT asks for
 * a sampling strategy over gRPC, starts a thousand spans under it, sends what it sampled, and prints how many.
 */
class Client {
  public static void main(String[] args) throws InterruptedException {
    String url = args[1];
    switch (args[0]) {
      case "otlp-grpc" -> sendOrder(OtlpGrpcSpanExporter.builder().setEndpoint(url).setCompression("gzip").build(), args[2]);
      case "otlp-http" -> sendOrder(OtlpHttpSpanExporter.builder().setEndpoint(url).build(), args[2]);
      case "sample" -> sample(url, args[2], args[3]);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static SdkTracerProvider newProvider(SpanExporter exporter, String service, Sampler sampler) {
    return SdkTracerProvider.builder()
        .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
        .setResource(Resource.getDefault().merge(Resource.builder().put("service.name", service).build()))
        .setSampler(sampler)
        .build();
  }

  private static void sendOrder(SpanExporter exporter, String service) {
    SdkTracerProvider provider = newProvider(exporter, service, Sampler.alwaysOn());
    Tracer tracer = provider.tracerBuilder("orders").setInstrumentationVersion("1.2.3").build();
    Span cart = tracer.spanBuilder("GET /cart").setSpanKind(SpanKind.SERVER).startSpan();
    cart.setAttribute("order.note", "naïve 雪");
    cart.setAttribute("order.items", 3);
    cart.setAttribute("order.total", 0.25);
    cart.setAttribute("order.gift", true);
    cart.setAttribute(stringArrayKey("order.tags"), List.of("a", "b"));
    try (Scope scope = cart.makeCurrent()) {
      Span charge = tracer.spanBuilder("charge").setSpanKind(SpanKind.CLIENT).startSpan();
      charge.addEvent("retry", Attributes.builder().put("attempt", 2).build());
      IllegalStateException failure = new IllegalStateException("card declined");
      charge.recordException(failure);
      charge.setStatus(StatusCode.ERROR, failure.getMessage());
      charge.end();
    }
    cart.end();
    System.out.println("trace_id=" + cart.getSpanContext().getTraceId());
    end(provider);
  }

  private static void sample(String url, String service, String endpoint) throws InterruptedException {
    JaegerRemoteSampler sampler = JaegerRemoteSampler.builder()
        .setServiceName(service)
        .setEndpoint(url)
        .setPollingInterval(Duration.ofMillis(100))
        .setInitialSampler(Sampler.alwaysOff())
        .build();
    SdkTracerProvider provider = newProvider(OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build(), service, sampler);
    Tracer tracer = provider.get("sampled");
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!isSampled(tracer, "first")) {
      if (System.nanoTime() > deadline) throw new IllegalStateException("no strategy came: nothing was sampled in 20 s");
      Thread.sleep(10);
    }
    int count = 0;
    for (int i = 0; i < 1000; i++) {
      if (isSampled(tracer, "sampled")) count++;
    }
    System.out.println("sampled=" + count);
    sampler.close();
    end(provider);
  }

  private static boolean isSampled(Tracer tracer, String name) {
    Span span = tracer.spanBuilder(name).setParent(Context.root()).startSpan();
    span.end();
    return span.getSpanContext().isSampled();
  }

  private static void end(SdkTracerProvider provider) {
    if (!provider.shutdown().join(20, TimeUnit.SECONDS).isSuccess()) {
      throw new IllegalStateException("not everything was sent");
    }
  }
}
