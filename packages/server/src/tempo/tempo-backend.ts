import { ConfigError } from '../config-setting.ts';

/**
 * Tempo's `storage.trace.backend`.
 *
 * @param name  of the setting, for the message
 * @throws {ConfigError} for object storage, with what to set instead
 */
export function checkBackend(name: string, backend: string): void {
  if (backend === 'local') return;
  if (!['s3', 'gcs', 'azure'].includes(backend)) throw new ConfigError(`${name} must be local, not '${backend}'`);
  throw new ConfigError(
    `${name} is ${backend}, and Spoor keeps traces on local disk only so far: ` +
      'set storage.trace.backend to local, and storage.trace.local.path to a directory on a volume that stays',
  );
}
