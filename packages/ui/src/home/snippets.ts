/** A way to send traces, ready to paste. */
export interface Snippet {
  readonly name: string;
  readonly text: string;
}

/** The shortest way that works, language by language: instrumentation without code where there is one. */
export function snippetsFor(host: string, httpPort: number, grpcPort: number): readonly Snippet[] {
  const http = `http://${host}:${httpPort}`;
  const environment = (exporter: string): string => `export OTEL_SERVICE_NAME=my-service
export OTEL_TRACES_EXPORTER=otlp
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_ENDPOINT=${http}
${exporter}`;
  return [
    {
      name: 'Node',
      text: `npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node
${environment('node --require @opentelemetry/auto-instrumentations-node/register app.js')}`,
    },
    {
      name: 'Python',
      text: `pip install opentelemetry-distro opentelemetry-exporter-otlp
opentelemetry-bootstrap -a install
${environment('opentelemetry-instrument python app.py')}`,
    },
    {
      name: 'Go',
      text: `// go get go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp
exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL("${http}/v1/traces"))
if err != nil {
	log.Fatal(err)
}
provider := trace.NewTracerProvider(trace.WithBatcher(exporter))
defer provider.Shutdown(ctx)
otel.SetTracerProvider(provider)`,
    },
    {
      name: 'Java',
      text: `curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar
${environment('java -javaagent:opentelemetry-javaagent.jar -jar app.jar')}`,
    },
    {
      name: '.NET',
      text: `// dotnet add package OpenTelemetry.Extensions.Hosting OpenTelemetry.Exporter.OpenTelemetryProtocol OpenTelemetry.Instrumentation.AspNetCore
builder.Services.AddOpenTelemetry()
    .ConfigureResource(resource => resource.AddService("my-service"))
    .WithTracing(tracing => tracing
        .AddAspNetCoreInstrumentation()
        .AddOtlpExporter(options => options.Endpoint = new Uri("http://${host}:${grpcPort}")));`,
    },
    { name: 'curl', text: curlSnippet(http) },
    {
      name: 'Collector',
      text: `exporters:
  otlp_http/spoor:
    endpoint: ${http}
service:
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [otlp_http/spoor]`,
    },
  ];
}

function curlSnippet(http: string): string {
  return `curl -i ${http}/v1/traces -H 'Content-Type: application/json' -d '{"resourceSpans":[{
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"curl"}}]},
  "scopeSpans":[{"spans":[{"traceId":"'$(openssl rand -hex 16)'","spanId":"'$(openssl rand -hex 8)'",
    "name":"hello","kind":2,"startTimeUnixNano":"'$(date +%s)'000000000","endTimeUnixNano":"'$(date +%s)'500000000"}]}]}]}'`;
}
