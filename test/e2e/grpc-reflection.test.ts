import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadFileDescriptorSetFromBuffer, type MethodDefinition } from '@grpc/proto-loader';
import { ProtobufWriter } from '@spoor/model';
import { ProtoClient, type Message } from './proto-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
const clients: ProtoClient[] = [];
before(async () => {
  spoor = await startSpoor();
  for (const port of [spoor.ports['jaeger-query-grpc'], spoor.ports['remote-storage']]) {
    clients.push(new ProtoClient(`127.0.0.1:${port}`));
  }
});
after(async () => {
  for (const client of clients) client.close();
  await spoor.stop();
});

interface Reflected {
  readonly originalRequest: Message;
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
  readonly errorResponse?: Message;
}

const versions = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

function ask(client: ProtoClient, version: string, ...requests: Message[]): Promise<readonly Reflected[]> {
  return client.exchange<Reflected>(version, 'ServerReflectionInfo', requests);
}

test('reflection: what each port lists is described, with all that its messages need', async () => {
  const seen: string[] = [];
  for (const client of clients) {
    const [{ listServicesResponse }] = await ask(client, versions[0], { listServices: '*' });
    const names = listServicesResponse!.service.map(({ name }) => name);
    const answers = await ask(client, versions[0], ...names.map((name) => ({ fileContainingSymbol: name })));
    equal(answers.length, names.length);
    for (const [i, name] of names.entries()) {
      const set = new ProtobufWriter();
      for (const file of answers[i].fileDescriptorResponse!.fileDescriptorProto) set.bytesField(1, file);
      const methods = loadFileDescriptorSetFromBuffer(Buffer.from(set.finish()))[name];
      ok(Object.keys(methods).length > 0, `${name} has methods`);
    }
    seen.push(...names);
  }
  const shared = ['grpc.health.v1.Health', ...versions];
  deepEqual(seen, [
    ...shared,
    'jaeger.api_v2.QueryService',
    'jaeger.api_v3.Capabilities',
    'jaeger.api_v3.QueryService',
    ...shared,
    'jaeger.storage.v1.ArchiveSpanReaderPlugin',
    'jaeger.storage.v1.ArchiveSpanWriterPlugin',
    'jaeger.storage.v1.DependenciesReaderPlugin',
    'jaeger.storage.v1.PluginCapabilities',
    'jaeger.storage.v1.SpanReaderPlugin',
    'jaeger.storage.v1.SpanWriterPlugin',
    'jaeger.storage.v2.Capabilities',
    'jaeger.storage.v2.DependencyReader',
    'jaeger.storage.v2.TraceReader',
    'opentelemetry.proto.collector.trace.v1.TraceService',
  ]);
});

test('reflection: descriptors are good enough to ask with', async () => {
  for (const version of versions) {
    const symbol = { fileContainingSymbol: 'jaeger.api_v3.QueryService.FindTraceSummaries' };
    const [{ fileDescriptorResponse }] = await ask(clients[0], version, symbol);
    const set = new ProtobufWriter();
    for (const file of fileDescriptorResponse!.fileDescriptorProto) set.bytesField(1, file);
    const definition = loadFileDescriptorSetFromBuffer(Buffer.from(set.finish()), { longs: String });
    const service = definition['jaeger.api_v3.QueryService'] as Record<string, MethodDefinition<Message, Message>>;
    const { path, responseStream, requestSerialize, requestDeserialize } = service['FindTraceSummaries'];
    deepEqual([path, responseStream], ['/jaeger.api_v3.QueryService/FindTraceSummaries', true]);
    const query = {
      service_name: 'shop',
      attributes: [{ key: 'a', value: 'b' }],
      start_time_min: { seconds: '5', nanos: 0 },
      pagination: { page_size: 3, page_token: 'x' },
    };
    const sent = requestDeserialize(requestSerialize({ query })) as { query: Message };
    deepEqual(sent.query, query);
  }
});

test('reflection: files by name; what is not there is said on the same call', async () => {
  const requests = [
    { fileByFilename: 'jaeger/api_v2/model.proto' },
    { fileByFilename: '../src/main.ts' },
    { fileContainingSymbol: 'jaeger.api_v2.Span' },
    { fileContainingSymbol: 'no.such.Thing' },
    { allExtensionNumbersOfType: 'jaeger.api_v2.Span' },
    { host: 'x' },
  ];
  const answers = await ask(clients[0], versions[0], ...requests);
  deepEqual(
    answers.map(({ originalRequest }) => originalRequest),
    requests,
  );
  equal(answers[0].fileDescriptorResponse?.fileDescriptorProto.length, 3, 'itself, Timestamp and Duration');
  deepEqual(answers[2].fileDescriptorResponse, answers[0].fileDescriptorResponse);
  deepEqual(
    answers.map(({ errorResponse }) => errorResponse?.['errorCode']),
    [undefined, 5, undefined, 5, 5, 3],
  );
});

test('health: Check, List and Watch', async () => {
  const health = 'grpc.health.v1.Health';
  for (const client of clients) {
    deepEqual(await client.unary(health, 'Check', { service: '' }), { status: 'SERVING' });
    const { statuses } = await client.unary(health, 'List');
    ok(Object.keys(statuses as Message).length >= 4);
    const watch = client.stream(health, 'Watch', {});
    watch.on('error', () => {});
    deepEqual(await new Promise((resolve) => watch.once('data', resolve)), { status: 'SERVING' });
    watch.cancel();
  }
});
