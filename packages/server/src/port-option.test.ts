import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from './config.ts';
import { receiverEntries } from './receivers/receiver-entry.ts';
import type { PortAddresses, ReceiverAddresses } from './port-option.ts';

function receivers(args: readonly string[], env: Readonly<Record<string, string>> = {}): ReceiverAddresses {
  const command = readConfig(args, { HOME: '/home/me', ...env });
  if (command.kind !== 'serve') throw new Error('a configuration is expected');
  return command.config.receivers;
}

test('readReceivers: every port is on, where its clients look for it', () => {
  const ports = Object.values(receivers([])).map(({ port }) => port);
  deepEqual(ports.slice(0, 6), [6831, 6832, 5775, 14268, 14250, 9411]);
  equal(
    receiverEntries.every(({ name }) => !receivers([])[name].isAskedFor),
    true,
  );
});

test('readReceivers: Jaeger’s spellings of an address', () => {
  const zipkin = (text: string): unknown => {
    const { port, host, isAskedFor } = receivers([], { COLLECTOR_ZIPKIN_HOST_PORT: text }).zipkin;
    return [port, host, isAskedFor];
  };
  deepEqual(zipkin(':9411'), [9411, undefined, true]);
  deepEqual(zipkin('9412'), [9412, undefined, true]);
  deepEqual(zipkin('0.0.0.0:9413'), [9413, '0.0.0.0', true]);
  deepEqual(zipkin('[::1]:9414'), [9414, '::1', true]);
  deepEqual(zipkin('localhost:9415'), [9415, 'localhost', true]);
  deepEqual(receivers(['--collector.zipkin.host-port=:1']).zipkin.port, 1);
  for (const text of ['x', 'host:', '1:2:3', ':99999']) {
    throws(() => zipkin(text), { name: 'ConfigError', message: /^COLLECTOR_ZIPKIN_HOST_PORT must be/ }, text);
  }
});

test('readPorts: an address of its own, Jaeger’s names, off', () => {
  const ports = (args: readonly string[], env: Readonly<Record<string, string>> = {}): PortAddresses => {
    const command = readConfig(args, { HOME: '/home/me', ...env });
    if (command.kind !== 'serve') throw new Error('a configuration is expected');
    return command.config.ports;
  };
  deepEqual(ports(['--jaeger-http-port', '127.0.0.1:8080'])['jaeger-http'], {
    port: 8080,
    host: '127.0.0.1',
    isAskedFor: true,
  });
  deepEqual(ports(['--otlp-http-port=off'])['otlp-http'].port, undefined);
  deepEqual(ports(['--admin.http.host-port=:1'])['admin'].port, 1);
  const env = { COLLECTOR_OTLP_GRPC_HOST_PORT: '0.0.0.0:5317', QUERY_HTTP_SERVER_HOST_PORT: ':26686' };
  deepEqual([ports([], env)['otlp-grpc'].host, ports([], env)['otlp-grpc'].port], ['0.0.0.0', 5317]);
  deepEqual(ports([], env)['jaeger-http'].port, 26686);
  equal(ports([], { SPOOR_QUERY_ADMIN_PORT: 'off' })['query-admin'].port, undefined);
});

test('readReceivers: a flag wins over a variable, whatever their names; then Spoor’s own name; off is off', () => {
  const env = { COLLECTOR_ZIPKIN_HOST_PORT: ':1', SPOOR_ZIPKIN_PORT: '2' };
  equal(receivers([], env).zipkin.port, 2);
  equal(receivers(['--zipkin-port', '3'], env).zipkin.port, 3);
  equal(receivers(['--collector.zipkin.host-port', ':4'], env).zipkin.port, 4);
  equal(receivers(['--collector.zipkin.host-port='], env).zipkin.port, undefined);
  deepEqual(receivers(['--zipkin-port', 'off'], env).zipkin.port, undefined);
  deepEqual(receivers([], { PROCESSOR_JAEGER_BINARY_SERVER_HOST_PORT: ':7' })['jaeger-binary'].port, 7);
  throws(() => receivers(['--zipkin-port', 'no']), {
    message: /^--zipkin-port must be a port, 0 to 65535, an address such as 0\.0\.0\.0:4317, or off; not 'no'/,
  });
});
