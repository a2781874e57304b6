/**
 * Old attribute name → its present one, as the semantic conventions 1.44.0 rename them. Left out: `state` and `pool.name`,
 * attributes of metrics whose old names are common words that spans use for other things.
 * Source: open-telemetry/semantic-conventions v1.44.0, `model/**`, entries deprecated with reason `renamed`.
 */
const renamed: Readonly<Record<string, string>> = {
  'android.state': 'android.app.state',
  'az.namespace': 'azure.resource_provider.namespace',
  'az.service_request_id': 'azure.service.request.id',
  'code.column': 'code.column.number',
  'code.filepath': 'code.file.path',
  'code.lineno': 'code.line.number',
  'container.cpu.state': 'cpu.mode',
  'container.labels': 'container.label',
  'container.runtime': 'container.runtime.name',
  'db.cassandra.consistency_level': 'cassandra.consistency.level',
  'db.cassandra.coordinator.dc': 'cassandra.coordinator.dc',
  'db.cassandra.coordinator.id': 'cassandra.coordinator.id',
  'db.cassandra.idempotence': 'cassandra.query.idempotent',
  'db.cassandra.page_size': 'cassandra.page.size',
  'db.cassandra.speculative_execution_count': 'cassandra.speculative_execution.count',
  'db.cassandra.table': 'db.collection.name',
  'db.client.connections.pool.name': 'db.client.connection.pool.name',
  'db.client.connections.state': 'db.client.connection.state',
  'db.cosmosdb.client_id': 'azure.client.id',
  'db.cosmosdb.connection_mode': 'azure.cosmosdb.connection.mode',
  'db.cosmosdb.consistency_level': 'azure.cosmosdb.consistency.level',
  'db.cosmosdb.container': 'db.collection.name',
  'db.cosmosdb.regions_contacted': 'azure.cosmosdb.operation.contacted_regions',
  'db.cosmosdb.request_charge': 'azure.cosmosdb.operation.request_charge',
  'db.cosmosdb.request_content_length': 'azure.cosmosdb.request.body.size',
  'db.cosmosdb.sub_status_code': 'azure.cosmosdb.response.sub_status_code',
  'db.elasticsearch.cluster.name': 'db.namespace',
  'db.elasticsearch.node.name': 'elasticsearch.node.name',
  'db.elasticsearch.path_parts': 'db.operation.parameter',
  'db.mongodb.collection': 'db.collection.name',
  'db.name': 'db.namespace',
  'db.operation': 'db.operation.name',
  'db.statement': 'db.query.text',
  'db.system': 'db.system.name',
  'deployment.environment': 'deployment.environment.name',
  'feature_flag.evaluation.error.message': 'feature_flag.error.message',
  'feature_flag.evaluation.reason': 'feature_flag.result.reason',
  'feature_flag.provider_name': 'feature_flag.provider.name',
  'feature_flag.variant': 'feature_flag.result.variant',
  'http.client_ip': 'client.address',
  'http.method': 'http.request.method',
  'http.request_content_length_uncompressed': 'http.request.body.size',
  'http.response_content_length_uncompressed': 'http.response.body.size',
  'http.scheme': 'url.scheme',
  'http.server_name': 'server.address',
  'http.status_code': 'http.response.status_code',
  'http.url': 'url.full',
  'http.user_agent': 'user_agent.original',
  'ios.state': 'ios.app.state',
  'k8s.pod.labels': 'k8s.pod.label',
  'linux.memory.slab.state': 'system.memory.linux.slab.state',
  'messaging.client_id': 'messaging.client.id',
  'messaging.eventhubs.consumer.group': 'messaging.consumer.group.name',
  'messaging.kafka.consumer.group': 'messaging.consumer.group.name',
  'messaging.kafka.message.offset': 'messaging.kafka.offset',
  'messaging.operation': 'messaging.operation.type',
  'messaging.servicebus.destination.subscription_name': 'messaging.destination.subscription.name',
  'net.host.ip': 'network.local.address',
  'net.host.name': 'server.address',
  'net.host.port': 'server.port',
  'net.peer.ip': 'network.peer.address',
  'net.protocol.name': 'network.protocol.name',
  'net.protocol.version': 'network.protocol.version',
  'net.sock.host.addr': 'network.local.address',
  'net.sock.host.port': 'network.local.port',
  'net.sock.peer.addr': 'network.peer.address',
  'net.sock.peer.port': 'network.peer.port',
  'net.transport': 'network.transport',
  'otel.library.name': 'otel.scope.name',
  'otel.library.version': 'otel.scope.version',
  'peer.service': 'service.peer.name',
  'process.context_switch_type': 'process.context_switch.type',
  'process.cpu.state': 'cpu.mode',
  'process.executable.build_id.profiling': 'process.executable.build_id.htlhash',
  'process.paging.fault_type': 'system.paging.fault.type',
  'rpc.connect_rpc.error_code': 'rpc.response.status_code',
  'rpc.connect_rpc.request.metadata': 'rpc.request.metadata',
  'rpc.connect_rpc.response.metadata': 'rpc.response.metadata',
  'rpc.grpc.request.metadata': 'rpc.request.metadata',
  'rpc.grpc.response.metadata': 'rpc.response.metadata',
  'rpc.jsonrpc.request_id': 'jsonrpc.request.id',
  'rpc.jsonrpc.version': 'jsonrpc.protocol.version',
  'rpc.system': 'rpc.system.name',
  'system.cpu.logical_number': 'cpu.logical_number',
  'system.cpu.state': 'cpu.mode',
  'system.network.state': 'network.connection.state',
  'system.paging.type': 'system.paging.fault.type',
  'system.process.status': 'process.state',
  'system.processes.status': 'process.state',
  'tls.client.server_name': 'server.address',
  'vcs.repository.change.id': 'vcs.change.id',
  'vcs.repository.change.title': 'vcs.change.title',
  'vcs.repository.ref.name': 'vcs.ref.head.name',
  'vcs.repository.ref.revision': 'vcs.ref.head.revision',
  'vcs.repository.ref.type': 'vcs.ref.head.type',
};

/**
 * Deprecated with a note instead of a rename, where old and new hold the same value, so that searching one means the
 * other. Not here: a split (`http.target`, `http.flavor`), a change of type (`rpc.grpc.status_code`,
 * `messaging.kafka.destination.partition`), a change of meaning (`http.host`). `net.peer.*` became `client.*` on server
 * spans, where hardly any instrumentation set it; the client side is what people search for.
 * Source: as above, the entries' notes.
 */
const renamedInNotes: Readonly<Record<string, string>> = {
  'db.sql.table': 'db.collection.name',
  'gen_ai.openai.request.seed': 'gen_ai.request.seed',
  'gen_ai.openai.request.service_tier': 'openai.request.service_tier',
  'gen_ai.openai.response.service_tier': 'openai.response.service_tier',
  'gen_ai.openai.response.system_fingerprint': 'openai.response.system_fingerprint',
  'gen_ai.system': 'gen_ai.provider.name',
  'gen_ai.usage.completion_tokens': 'gen_ai.usage.output_tokens',
  'gen_ai.usage.prompt_tokens': 'gen_ai.usage.input_tokens',
  'messaging.rocketmq.client_group': 'messaging.consumer.group.name',
  'net.peer.name': 'server.address',
  'net.peer.port': 'server.port',
};

const aliases = aliasTable([...Object.entries(renamed), ...Object.entries(renamedInNotes)]);

/**
 * The names under which an attribute may have been sent: `name` itself first, then the other spellings. From a new name
 * all its old ones are reached, from an old name only the new one: two old names of one new name (`net.host.name` and
 * `http.server_name`) did not mean the same.
 */
export function attributeAliases(name: string): readonly string[] {
  return aliases.get(name) ?? [name];
}

function aliasTable(renames: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const table = new Map<string, string[]>();
  const link = (from: string, to: string): void => {
    const names = table.get(from);
    if (names === undefined) table.set(from, [from, to]);
    else names.push(to);
  };
  for (const [oldName, newName] of renames) {
    link(oldName, newName);
    link(newName, oldName);
  }
  return table;
}
