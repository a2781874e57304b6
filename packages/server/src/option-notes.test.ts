import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { needlessOptions } from './jaeger/needless-option.ts';
import { flagNotes, variableNotes } from './option-notes.ts';

const flags = (...given: readonly string[]): readonly string[] =>
  flagNotes(
    given.map((one) => {
      const [flag, text] = one.split('=');
      return { flag, text };
    }),
  ).map(({ message }) => message);

const variables = (env: Readonly<Record<string, string>>): readonly string[] =>
  variableNotes(env).map(({ message }) => message);

test('flagNotes: what has no effect, and why; what nobody knows, and what it may have been', () => {
  deepEqual(flags('collector.queue-size=5000', 'es.server-urls=http://es:9200', 'query.max-clock-skew-adjustment=1s'), [
    '--collector.queue-size has no effect: there is no queue before the store; --memory bounds what is not on disk yet',
    '--es.server-urls has no effect: Spoor keeps traces in its own store only so far',
    '--query.max-clock-skew-adjustment has no effect: times are shown as they were sent, and never moved',
  ]);
  deepEqual(flags('collector.zipkin.hostport=:1', 'collector.queue-sise=1', 'no.idea=1'), [
    'there is no --collector.zipkin.hostport; did you mean --collector.zipkin.host-port?',
    'there is no --collector.queue-sise; did you mean --collector.queue-size?',
    'there is no --no.idea',
  ]);
  deepEqual(
    flags('mem-ballast-size-mbs=1024', 'memberlist.join=x', 'distributor.receivers=x', 'server.http-tls-config.cert=x'),
    [
      '--mem-ballast-size-mbs has no effect: memory needs no ballast',
      '--memberlist.join has no effect: Spoor does without it',
      '--distributor.receivers has no effect: it is read from the configuration file only',
      '--server.http-tls-config.cert has no effect: ports are not encrypted yet; put a proxy in front of them',
    ],
  );
  deepEqual(flags('multi-tenancy.enabled=false', 'collector.grpc.tls.enabled=false', 'es.password='), []);
});

test('variableNotes: Jaeger’s and ours, not everybody’s', () => {
  deepEqual(
    variables({
      COLLECTOR_QUEUE_SIZE: '1',
      COLLECTOR_ZIPKIN_HTTP_PORT: '9411',
      METRICS_STORAGE_TYPE: 'prometheus',
      PROMETHEUS_SERVER_URL: 'http://p:9090',
      JAEGER_DISABLED: 'true',
      ES_SERVER_URLS: 'http://es:9200',
      QUERY_BASEPATH: '/x',
      SPOOR_DATA_DRI: '/x',
      COLLECTOR_OTLP_GRPC_TLS_ENABLED: 'true',
    }).map((message) => message.split(/: |; did/)[0]),
    [
      'COLLECTOR_QUEUE_SIZE has no effect',
      'there is no COLLECTOR_ZIPKIN_HTTP_PORT',
      'METRICS_STORAGE_TYPE has no effect',
      'PROMETHEUS_SERVER_URL has no effect',
      'JAEGER_DISABLED has no effect',
      'ES_SERVER_URLS has no effect',
      'there is no QUERY_BASEPATH',
      'there is no SPOOR_DATA_DRI',
      'COLLECTOR_OTLP_GRPC_TLS_ENABLED has no effect',
    ],
  );
  deepEqual(variables({ SPOOR_DATA_DRI: '/x' }), ['there is no SPOOR_DATA_DRI; did you mean SPOOR_DATA_DIR?']);
  const others = 'PATH ES_JAVA_OPTS ES_HOME QUERY_STRING AGENT_NAME KAFKA_HOME JAEGER_AGENT_HOST COLLECTOR_NAME';
  for (const name of others.split(' ')) deepEqual(variables({ [name]: 'x' }), [], name);
  deepEqual(
    variables({ COLLECTOR_OTLP_ENABLED: 'true', SPOOR_HOST: '::', SPOOR_MEMROY: '', BADGER_EPHEMERAL: 'false' }),
    [],
  );
  const kubernetes = {
    SPOOR_SERVICE_HOST: '10.0.0.1',
    SPOOR_SERVICE_PORT_HTTP: '1',
    SPOOR_PORT: 'tcp://10.0.0.1:4317',
    COLLECTOR_PORT_4317_TCP_ADDR: '10.0.0.1',
    COLLECTOR_HTTP_PORT: 'tcp://10.0.0.2:1',
  };
  deepEqual(variables(kubernetes), []);
});

test('needlessOptions: each name once', () => {
  const names = needlessOptions.flatMap((group) => group.flags);
  equal(new Set(names).size, names.length);
});
