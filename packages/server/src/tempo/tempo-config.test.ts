import { deepEqual, equal, match, throws } from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigNote } from '../config-setting.ts';
import { readTempoConfig } from './tempo-config.ts';

/** What a ConfigMap of a Tempo deployment holds. */
const deployed = `
server:
  http_listen_port: 3200

distributor:
  receivers:
    jaeger:
      protocols:
        thrift_http:
        grpc:
    otlp:
      protocols:
        http:
        grpc:

storage:
  trace:
    backend: s3
    s3:
      bucket: tempo-traces
      endpoint: s3.amazonaws.com

querier:
  frontend_worker:
    frontend_address: tempo-query-frontend:9095
`;

function read(text: string): { settings: Record<string, string | undefined>; notes: readonly ConfigNote[] } {
  const { settings, notes } = readTempoConfig('tempo.yaml', text);
  return { settings: Object.fromEntries([...settings].map(([flag, { text }]) => [flag, text])), notes };
}

function warnings(text: string): readonly string[] {
  return read(text)
    .notes.filter(({ level }) => level === 'warn')
    .map(({ message }) => message);
}

test('readTempoConfig: a deployment’s file opens what it lists, on all interfaces, and nothing else', () => {
  const { settings, notes } = read(deployed.replace('backend: s3', 'backend: local'));
  equal(settings['host'], '::');
  equal(settings['tempo-http-port'], '3200');
  deepEqual(
    ['jaeger-thrift-http-port', 'jaeger-grpc-port', 'otlp-http-port', 'otlp-grpc-port'].map((flag) => settings[flag]),
    [':14268', ':14250', ':4318', ':4317'],
  );
  for (const flag of ['zipkin-port', 'jaeger-compact-port', 'jaeger-binary-port', 'jaeger-zipkin-compact-port'])
    equal(settings[flag], 'off', flag);
  for (const flag of ['admin-port', 'query-admin-port']) equal(settings[flag], 'off', flag);
  for (const flag of ['jaeger-http-port', 'sampling-http-port', 'sampling-grpc-port', 'data-dir'])
    equal(settings[flag], undefined, flag);
  deepEqual(
    notes.map(({ level, message }) => `${level}: ${message}`),
    [
      'warn: tempo.yaml:19: storage.trace.s3 has no effect: it is for another backend than local, and those are not there yet',
      'info: tempo.yaml: Spoor needs none of querier',
    ],
  );
});

test('readTempoConfig: object storage is refused with what to set instead', () => {
  throws(() => read(deployed), {
    name: 'ConfigError',
    message:
      'tempo.yaml:18: storage.trace.backend is s3, and Spoor keeps traces on local disk only so far: ' +
      'set storage.trace.backend to local, and storage.trace.local.path to a directory on a volume that stays',
  });
  for (const backend of ['gcs', 'azure'])
    throws(() => read(`storage: {trace: {backend: ${backend}}}`), /on local disk/);
  throws(
    () => read('storage: {trace: {backend: tape}}'),
    /tempo\.yaml:1: storage\.trace\.backend must be local, not 'tape'/,
  );
});

test('readTempoConfig: what is said of storage, server and retention, by Tempo 2 and 3', () => {
  const { settings } = read(`
server:
  http_listen_address: 127.0.0.1
  http_listen_port: 3201
  grpc_listen_address: ::1
  log_level: warn
  log_format: logfmt
storage:
  trace:
    backend: local
    local: {path: /var/tempo/blocks}
    wal: {path: /var/tempo/wal}
compactor:
  compaction:
    block_retention: 48h
`);
  deepEqual(
    [
      'tempo-http-port',
      'tempo-grpc-port',
      'jaeger-http-port',
      'log-level',
      'log-format',
      'data-dir',
      'retention-age',
    ].map((flag) => settings[flag]),
    ['127.0.0.1:3201', '[::1]:9095', '127.0.0.1:16686', 'warn', 'text', '/var/tempo/blocks', '48h'],
  );
  equal(read('backend_worker: {compaction: {block_retention: 72h0m0s}}').settings['retention-age'], '72h0m0s');
  const both =
    'overrides: {defaults: {compaction: {block_retention: 1h}}}\ncompactor: {compaction: {block_retention: 2h}}';
  equal(read(both).settings['retention-age'], '1h');
  equal(read(both.replace(' 1h', ' 0s')).settings['retention-age'], '2h');
});

test('readTempoConfig: receivers have addresses of their own; without a list there are Tempo’s three', () => {
  const { settings } = read(`
distributor:
  receivers:
    otlp/internal:
      protocols:
        grpc: {endpoint: "0.0.0.0:5317", max_recv_msg_size_mib: 16}
    jaeger: {protocols: {thrift_compact: {endpoint: "localhost:7831"}, thrift_binary: null}}
    zipkin:
      endpoint: "[::1]:9412"
`);
  deepEqual(
    [
      'otlp-grpc-port',
      'otlp-http-port',
      'jaeger-compact-port',
      'jaeger-binary-port',
      'zipkin-port',
      'jaeger-grpc-port',
    ].map((flag) => settings[flag]),
    ['0.0.0.0:5317', 'off', 'localhost:7831', ':6832', '[::1]:9412', 'off'],
  );
  for (const text of ['', 'distributor:\n', 'distributor: {receivers: null}']) {
    const { settings: byDefault } = read(text);
    deepEqual(
      ['otlp-grpc-port', 'jaeger-grpc-port', 'jaeger-thrift-http-port', 'otlp-http-port', 'zipkin-port'].map(
        (flag) => byDefault[flag],
      ),
      [undefined, undefined, undefined, 'off', 'off'],
    );
  }
  const otlpOnly = read('distributor: {receivers: {otlp: {protocols: {http: }}}}').settings;
  deepEqual([otlpOnly['sampling-http-port'], otlpOnly['sampling-grpc-port']], ['off', 'off']);
});

test('readTempoConfig: anchors and merged keys', () => {
  const { settings } = read(`
distributor:
  receivers:
    otlp:
      protocols: &both
        grpc: {endpoint: ":1"}
        http: {endpoint: ":2"}
    otlp/more:
      protocols:
        <<: *both
        http: {endpoint: ":3"}
`);
  deepEqual([settings['otlp-grpc-port'], settings['otlp-http-port']], [':1', ':2']);
  const merged = read('distributor: {receivers: {otlp: {protocols: {<<: [{grpc: {endpoint: ":1"}}, {grpc: }]}}}}');
  deepEqual(merged.settings['otlp-grpc-port'], ':1');
});

test('readTempoConfig: keys that are unknown, needless or missed', () => {
  const cases: readonly (readonly [yaml: string, warning: string])[] = [
    ['servr: {}', 'tempo.yaml:1: there is no servr; did you mean server?'],
    [
      'server:\n  http_listen_prt: 1',
      'tempo.yaml:2: there is no server.http_listen_prt; did you mean server.http_listen_port?',
    ],
    ['storage:\n  trace: {}\n  tracs: {}', 'tempo.yaml:3: there is no storage.tracs; did you mean storage.trace?'],
    ['zebra: 1', 'tempo.yaml:1: there is no zebra'],
    [
      'distributor: {receivers: {opencensus: , otlp: {protocols: {grpc: }}}}',
      "tempo.yaml:1: distributor.receivers.opencensus is not a receiver of Spoor's, and stays closed; there are otlp, jaeger, zipkin",
    ],
    [
      'distributor: {receivers: {otlp: {protocols: {grpcs: , http: }}}}',
      'tempo.yaml:1: there is no distributor.receivers.otlp.protocols.grpcs; did you mean grpc?',
    ],
    [
      'multitenancy_enabled: true',
      'tempo.yaml:1: multitenancy_enabled has no effect: there are no tenants yet, and everybody sees the traces of all',
    ],
    [
      'metrics_generator: {storage: {path: /x}}',
      'tempo.yaml:1: metrics_generator has no effect: service graphs and span metrics are computed from the stored spans, unasked',
    ],
    [
      'overrides:\n  defaults:\n    ingestion: {rate_limit_bytes: 1}\n    search: {}',
      'tempo.yaml:3: overrides has no effect: limits are not set per tenant here; docs/limits.md has those there are',
    ],
    [
      'distributor: {receivers: {otlp: {protocols: {grpc: {tls: {cert_file: x}}}}}}',
      'tempo.yaml:1: distributor.receivers.otlp.protocols.grpc.tls has no effect: ports are not encrypted yet; put a proxy in front of them',
    ],
  ];
  for (const [yaml, warning] of cases) deepEqual(warnings(yaml), [warning], yaml);
  deepEqual(
    warnings('multitenancy_enabled: false\nstorage: {trace: {pool: {max_workers: 1}}}\nmemberlist: {x: 1}'),
    [],
  );
  deepEqual(warnings('distributor: {receivers: {otlp: }}'), [
    'tempo.yaml:1: distributor.receivers.otlp names no protocols, and stays closed',
    'tempo.yaml:1: distributor.receivers opens nothing: no spans can arrive',
  ]);
  const quiet = read('memberlist: {join_members: [a]}\nlive_store: {}\ncompactor: {ring: {}}').notes;
  deepEqual(quiet, [
    {
      level: 'info',
      isUnknown: false,
      message: 'tempo.yaml: Spoor needs none of memberlist, live_store, compactor.ring',
    },
  ]);
});

test('readTempoConfig: what cannot be right is one line that says where', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['target: distributor', /^tempo\.yaml:1: target is 'distributor', but Spoor is one process/],
    ['server: 3200', /^tempo\.yaml:1: server must have keys below it$/],
    ['server:\n  http_listen_port: [1]', /^tempo\.yaml:2: server\.http_listen_port must be a word or a number$/],
    ['- a', /^tempo\.yaml: this is not a configuration of Tempo/],
    ['just words', /^tempo\.yaml: this is not a configuration of Tempo/],
    ['server: {\n', /^tempo\.yaml:\d: /],
    ['server: {}\nserver: {}', /^tempo\.yaml:2: server is there twice$/],
    ['? [a]\n: 1', /^tempo\.yaml:1: a key has to be a name$/],
    [
      'distributor: {receivers: {zipkin: {endpoint: "x"}}}',
      /zipkin\.endpoint must be an address such as 0\.0\.0\.0:4317, not 'x'$/,
    ],
  ];
  for (const [yaml, message] of cases) throws(() => read(yaml), { name: 'ConfigError', message }, yaml);
  for (const target of ['all', 'single-binary', 'scalable-single-binary']) deepEqual(warnings(`target: ${target}`), []);
});

test('readTempoConfig: names of keys are not those of JavaScript’s objects', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    match(warnings(`${name}: {a: 1}`)[0], new RegExp(`^tempo\\.yaml:1: there is no ${name}`));
});
