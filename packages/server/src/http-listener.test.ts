import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { bindEach } from './http-listener.ts';

const entry = { title: 'OTLP over HTTP', flag: 'otlp-http-port', port: 0 };

/** A machine on which these addresses fail, and every other gets port 7 or the one asked for. */
function machine(failures: Readonly<Record<string, string>>) {
  const bound: string[] = [];
  const bind = async (address: string, port: number): Promise<number> => {
    const code = failures[address];
    if (code !== undefined) throw Object.assign(new Error(`listen ${code}: ${address}`), { code });
    bound.push(`${address} ${port}`);
    return port || 7;
  };
  return { bound, bind };
}

test('bindEach: all addresses get the port of the first', async () => {
  const { bound, bind } = machine({});
  equal(await bindEach(entry, ['127.0.0.1', '::1'], bind), 7);
  deepEqual(bound, ['127.0.0.1 0', '::1 7']);
});

test('bindEach: an address family that is missing is passed over, or replaced', async () => {
  const noLoopback = machine({ '::1': 'EADDRNOTAVAIL' });
  await bindEach(entry, ['127.0.0.1', '::1'], noLoopback.bind);
  deepEqual(noLoopback.bound, ['127.0.0.1 0']);
  const noIpv6 = machine({ '::': 'EAFNOSUPPORT' });
  await bindEach(entry, ['::'], noIpv6.bind);
  deepEqual(noIpv6.bound, ['0.0.0.0 0']);
});

test('bindEach: says what to do about a port that cannot be had', async () => {
  const used = { ...entry, port: 80 };
  const inUse = /^port 80 for OTLP over HTTP on 127.0.0.1 is in use by another program; .* --otlp-http-port$/;
  await rejects(bindEach(used, ['127.0.0.1'], machine({ '127.0.0.1': 'EADDRINUSE' }).bind), { message: inUse });
  await rejects(bindEach(used, ['127.0.0.1'], machine({ '127.0.0.1': 'EACCES' }).bind), { message: /above 1023/ });
  await rejects(bindEach(used, ['10.0.0.1'], machine({ '10.0.0.1': 'EADDRNOTAVAIL' }).bind), {
    message: /cannot listen/,
  });
});
