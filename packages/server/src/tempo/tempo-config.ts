import { ConfigError } from '../config-setting.ts';
import { nearestWord } from '../nearest-word.ts';
import { portEntries, type PortName } from '../port-entry.ts';
import { parseYaml, type YamlNode } from '../yaml-node.ts';
import { FileReading, type FileConfig } from '../file-reading.ts';
import { tempoKeys, tempoKeysBelow, type TempoKeyMeaning } from './tempo-key.ts';
import { checkBackend } from './tempo-backend.ts';
import { checkTarget } from './tempo-target.ts';
import { readTempoReceivers } from './tempo-receivers.ts';

/**
 * Reads Tempo's configuration file, of Tempo 2 or 3, so that Spoor starts where Tempo would: the listed receivers and
 * no others, on all interfaces where the file names none, since what is deployed with such a file is asked from elsewhere.
 *
 * A key that is not known is a note, not an error.
 *
 * @param name  for messages
 * @throws {ConfigError} when it is not YAML, or asks for what Spoor cannot do at all
 */
export function readTempoConfig(name: string, text: string): FileConfig {
  const reading = new FileReading(name);
  const root = parseYaml(name, text);
  if (root.kind !== 'map' && root.kind !== 'empty')
    throw new ConfigError(`${name}: this is not a configuration of Tempo: it has no keys`);
  reading.set('host', '::', 1, 'the default');
  for (const { name: port, flag } of portEntries)
    if (!tempoPorts.includes(port)) reading.set(flag, 'off', 1, 'the default');
  const found = new Map<string, YamlNode>();
  readKeys(reading, root, '', undefined, found);
  readServer(reading, found);
  readBackend(reading, found.get('storage.trace.backend'));
  readRetention(reading, found);
  readTempoReceivers(reading, found.get('distributor.receivers'));
  readTenancy(reading, found);
  const target = found.get('target');
  if (target !== undefined) checkTarget(`${name}:${target.line}: target`, reading.text(target, 'target') ?? 'all');
  if (reading.unknownCount > unknownKeysMax)
    reading.warn(1, `${reading.unknownCount - unknownKeysMax} more keys are not known`, true);
  if (reading.needless.length > 0) {
    const message = `${name}: Spoor needs none of ${reading.needless.join(', ')}`;
    reading.notes.push({ level: 'info', isUnknown: false, message });
  }
  return reading;
}

/** Tempo's own ports and the page, which are open, and those that are receivers of Tempo's. */
const tempoPorts: readonly PortName[] = ['tempo-http', 'tempo-grpc', 'jaeger-http', 'otlp-grpc', 'otlp-http'];

/** A key of the table that stands above others, and what is said of it goes for them. */
interface Ancestor {
  readonly key: string;
  readonly meaning: TempoKeyMeaning;
}

/** With more unknown keys than this it is another program's file, and a line for each helps nobody. */
const unknownKeysMax = 20;

/** Goes no deeper than the table of keys does. */
function readKeys(
  reading: FileReading,
  node: YamlNode,
  path: string,
  above: Ancestor | undefined,
  found: Map<string, YamlNode>,
): void {
  for (const [name, child] of node.entries()) {
    const key = path === '' ? name : `${path}.${name}`;
    const meaning = Object.hasOwn(tempoKeys, key) ? tempoKeys[key] : undefined;
    const hasKeys = tempoKeysBelow(key).length > 0;
    if (hasKeys && (child.kind === 'text' || child.kind === 'list'))
      throw new ConfigError(`${reading.name}:${child.line}: ${key} must have keys below it`);
    if (hasKeys) readKeys(reading, child, key, meaning === undefined ? above : { key, meaning }, found);
    else if (meaning !== undefined) take(reading, key, meaning, child, found);
    else if (above === undefined) unknownKey(reading, path, name, child);
    else if ('ignored' in above.meaning) reading.warnOnce(child.line, above.key, above.meaning.ignored);
    else reading.needless.push(key);
  }
}

function take(
  reading: FileReading,
  key: string,
  meaning: TempoKeyMeaning,
  node: YamlNode,
  found: Map<string, YamlNode>,
): void {
  if ('isRead' in meaning) found.set(key, node);
  else if ('isNeedless' in meaning) reading.needless.push(key);
  else if ('ignored' in meaning) reading.warnOnce(node.line, key, meaning.ignored);
  else {
    const text = reading.text(node, key);
    if (text !== undefined) reading.set(meaning.option, text, node.line, key);
  }
}

function unknownKey(reading: FileReading, path: string, name: string, { line }: YamlNode): void {
  if (reading.unknownCount++ >= unknownKeysMax) return;
  const key = path === '' ? name : `${path}.${name}`;
  const nearest = nearestWord(name, tempoKeysBelow(path));
  const hint = nearest === undefined ? '' : `; did you mean ${path === '' ? '' : `${path}.`}${nearest}?`;
  reading.warn(line, `there is no ${key}${hint}`, true);
}

/** Port and address in two keys are one option here. The page goes where Tempo's HTTP port is. */
function readServer(reading: FileReading, found: ReadonlyMap<string, YamlNode>): void {
  const textOf = (key: string): string | undefined => {
    const node = found.get(key);
    return node === undefined ? undefined : reading.text(node, key);
  };
  const lineOf = (key: string): number => found.get(key)?.line ?? 1;
  for (const protocol of ['http', 'grpc'] as const) {
    const key = `server.${protocol}_listen_port`;
    const address = bracketed(textOf(`server.${protocol}_listen_address`) ?? '');
    const { flag, port } = portEntries.find(({ name }) => name === `tempo-${protocol}`)!;
    const text = textOf(key) ?? (address === '' ? undefined : `${port}`);
    if (text !== undefined) reading.set(flag, address === '' ? text : `${address}:${text}`, lineOf(key), key);
  }
  const address = bracketed(textOf('server.http_listen_address') ?? '');
  const page = portEntries.find(({ name }) => name === 'jaeger-http')!;
  if (address !== '')
    reading.set(
      page.flag,
      `${address}:${page.port}`,
      lineOf('server.http_listen_address'),
      'server.http_listen_address',
    );
  const format = textOf('server.log_format');
  if (format !== undefined)
    reading.set('log-format', format === 'logfmt' ? 'text' : format, lineOf('server.log_format'), 'server.log_format');
}

function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}

function readBackend(reading: FileReading, node: YamlNode | undefined): void {
  if (node === undefined) return;
  checkBackend(
    `${reading.name}:${node.line}: storage.trace.backend`,
    reading.text(node, 'storage.trace.backend') ?? 'local',
  );
}

/** What is set for tenants wins over what is set for blocks, as in Tempo. */
function readRetention(reading: FileReading, found: ReadonlyMap<string, YamlNode>): void {
  for (const key of retentionKeys) {
    const node = found.get(key);
    const text = node === undefined ? undefined : reading.text(node, key);
    // For a tenant, 0 is the default.
    if (text === undefined || (key.startsWith('overrides') && /^0[a-z]*$/.test(text))) continue;
    reading.set('retention-age', text, node!.line, key);
    return;
  }
}

const retentionKeys = [
  'overrides.defaults.compaction.block_retention',
  'overrides.block_retention',
  'backend_worker.compaction.block_retention',
  'backend_scheduler.provider.compaction.compaction.block_retention',
  'compactor.compaction.block_retention',
];

function readTenancy(reading: FileReading, found: ReadonlyMap<string, YamlNode>): void {
  for (const key of ['multitenancy_enabled', 'auth_enabled']) {
    const node = found.get(key);
    if (node === undefined || reading.text(node, key) !== 'true') continue;
    reading.warn(node.line, `${key} has no effect: there are no tenants yet, and everybody sees the traces of all`);
  }
}
