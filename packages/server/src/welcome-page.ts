import type { OpenPorts } from './open-port.ts';

export interface WelcomeFacts {
  readonly version: string;
  readonly dataDir: string;
  readonly basePath: string;
  readonly ports: OpenPorts;
}

/** The page at `/`: where to send and how to ask. Links and forms only, no script. */
export function welcomePage(facts: WelcomeFacts): string {
  const api = `${facts.basePath}/api`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Spoor</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
code { font: 0.9em ui-monospace, monospace; }
td, th { padding: 0.2rem 1.5rem 0.2rem 0; text-align: left; vertical-align: top; font-weight: normal; }
</style>
</head>
<body>
<h1>Spoor</h1>
<p>Spoor ${escaped(facts.version)} is running and keeps traces in <code>${escaped(facts.dataDir)}</code>.</p>
<h2>Send traces</h2>
<table>
<tr><th>OTLP over gRPC</th><td>${portText(facts.ports['otlp-grpc'])}</td></tr>
<tr><th>OTLP over HTTP</th><td>${portText(facts.ports['otlp-http'])}, <code>POST /v1/traces</code>, protobuf or JSON</td></tr>
</table>
<h2>Ask for them</h2>
<table>
<tr><th><a href="${api}/services?prettyPrint=true">services</a></th><td><code>${api}/services</code></td></tr>
<tr><th><a href="${api}/traces?limit=5&amp;prettyPrint=true">newest traces</a></th><td><code>${api}/traces?limit=5</code></td></tr>
<tr><th>one trace</th><td><code>${api}/traces/{trace id}</code></td></tr>
<tr><th>by attribute</th><td><code>${api}/traces?tags={"http.status_code":"&gt;=500"}</code></td></tr>
<tr><th><a href="${api}/dependencies?prettyPrint=true">calls between services</a></th><td><code>${api}/dependencies</code></td></tr>
<tr><th><a href="${facts.basePath}/metrics">metrics of Spoor itself</a></th><td><code>${facts.basePath}/metrics</code></td></tr>
</table>
<p>The API is Jaeger's: Jaeger's page and Grafana's Jaeger data source can use this address.</p>
</body>
</html>
`;
}

function portText(port: number | undefined): string {
  return port === undefined ? 'switched off' : `port <code>${port}</code>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
