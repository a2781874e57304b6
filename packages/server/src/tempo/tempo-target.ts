import { ConfigError } from '../config-setting.ts';

const targets = ['all', 'single-binary', 'scalable-single-binary'];

/**
 * Tempo's `-target` names the part of it that a process is to be.
 *
 * @param name  of the setting, for the message
 * @throws {ConfigError} when it is one part only: several Spoors would each have some of the traces, and not know of
 *   each other
 */
export function checkTarget(name: string, target: string): void {
  if (targets.includes(target)) return;
  throw new ConfigError(
    `${name} is '${target}', but Spoor is one process that receives, keeps and answers: ` +
      "run one of it, with the target all or none, in place of all of Tempo's, and send everything there",
  );
}
