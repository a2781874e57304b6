import { readFileSync } from 'node:fs';
import { codeOf } from '@spoor/model';
import { bannerText } from './banner.ts';
import { saveCompiledCode } from './code-cache.ts';
import { ConfigError, readConfig, type Command } from './config.ts';
import { helpText } from './help.ts';
import { ListenError } from './http-listener.ts';
import { openLog, type Log } from './log.ts';
import { startProgram, type Program } from './program.ts';

/** Exit codes as shells and supervisors read them: 0 stopped as asked, 1 could not run, 2 wrong usage. */
const exitCode = Object.freeze({ failed: 1, usage: 2, interrupted: 130 });

/** When draining hangs, the process ends by itself before a supervisor has to kill it. */
const closeMilliMax = 9_000;

/** Does what the command line asks for. Once it serves, signals end the process. */
export async function runCommand(): Promise<void> {
  const version = packageVersion();
  const command = readCommand();
  if (command === undefined) return;
  if (command.kind === 'help') return void process.stdout.write(helpText());
  if (command.kind === 'version') return void process.stdout.write(`spoor ${version}\n`);
  if (command.kind === 'verify') return verify(command);
  await serve(command, version);
}

/** Prints what is wrong; a name that nobody knows counts, since it may be misspelt. */
function verify({ problem, notes }: Extract<Command, { kind: 'verify' }>): void {
  for (const { level, message } of notes) process.stderr.write(`${level}: ${message}\n`);
  if (problem !== undefined) process.stderr.write(`error: ${problem}\n`);
  const isGood = problem === undefined && !notes.some(({ isUnknown }) => isUnknown);
  if (isGood) process.stdout.write('the configuration is good\n');
  else process.exitCode = exitCode.failed;
}

function readCommand(): Command | undefined {
  try {
    return readConfig(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`spoor: ${error.message}\n`);
    process.exitCode = exitCode.usage;
    return undefined;
  }
}

async function serve({ config, notes }: Extract<Command, { kind: 'serve' }>, version: string): Promise<void> {
  const log = openLog(config.logFormat, undefined, undefined, config.logLevel);
  for (const { level, message } of notes) log[level](message);
  const started = performance.now();
  let program: Program;
  try {
    program = await startProgram(config, version, log);
  } catch (error) {
    failToStart(log, error);
    return;
  }
  // Whoever waits for the lines below may send a signal as soon as they are out.
  closeOnSignal(program, log);
  const startupMilli = performance.now() - started;
  if (config.logFormat === 'text')
    process.stdout.write(bannerText(version, config.dataDir, program.served, startupMilli));
  else
    log.info('ready', { version, dataDir: config.dataDir, ...program.served, startupMilli: Math.round(startupMilli) });
  saveCompiledCode();
}

/** One clear line where the cause is the user's to mend; a stack only where it is a bug. */
function failToStart(log: Log, error: unknown): void {
  const isExplained =
    error instanceof ListenError || error instanceof ConfigError || codeOf(error) !== undefined || isSystemError(error);
  const { message, stack } = error as Error;
  if (isExplained) log.error(message);
  else log.error('cannot start', { error: stack ?? message });
  process.exit(exitCode.failed);
}

function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** The first signal drains, the second ends at once. */
function closeOnSignal(program: Program, log: Log): void {
  let isClosing = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isClosing) process.exit(exitCode.interrupted);
    isClosing = true;
    log.info('stopping', { signal });
    setTimeout(() => {
      log.error('stopping took too long; what was acknowledged is on disk all the same');
      process.exit(exitCode.failed);
    }, closeMilliMax).unref();
    program.close().then(
      () => {
        log.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.error('stopping failed', { error: (error as Error).stack });
        process.exit(exitCode.failed);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}
