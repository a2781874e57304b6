import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { test } from 'node:test';

/** What a client needs on the machine, each with a command that works only when it is there. */
const tools = Object.freeze({
  bash: ['bash', '--version'],
  curl: ['curl', '--version'],
  python: ['python3', '-c', 'import ensurepip, venv'],
  npm: ['npm', '--version'],
  go: ['go', 'version'],
  java: ['javac', '-version'],
  maven: ['mvn', '--version'],
});

export type Tool = keyof typeof tools;

const answers = new Map<Tool, boolean>();

function isThere(tool: Tool): boolean {
  const known = answers.get(tool);
  if (known !== undefined) return known;
  const [command, ...args] = tools[tool];
  const answer = spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  answers.set(tool, answer);
  return answer;
}

/**
 * A test of one outside client, which gets five minutes: the first time, it installs. Without its tools it is left
 * out, and says so; on a CI machine (`CI=true`) being left out is a failure.
 */
export function clientTest(name: string, needs: readonly Tool[], body: () => Promise<void>): void {
  const missing = needs.filter((tool) => !isThere(tool));
  const reason = `left out, because this machine lacks ${missing.join(' and ')}`;
  const skip = missing.length > 0 && process.env['CI'] !== 'true' ? reason : false;
  void test(name, { timeout: 600_000, skip }, async () => {
    if (missing.length > 0) throw new Error(reason);
    await body();
  });
}
