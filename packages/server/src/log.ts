/** Extra facts of a log line: short names, plain values. */
export type LogFields = Readonly<Record<string, unknown>>;
const logLevels = Object.freeze(['info', 'warn', 'error'] as const);
export type LogLevel = (typeof logLevels)[number];
export type LogFormat = 'text' | 'json';

/**
 * The program's own log: one line for what is rare (start, stop, damage, refusals), nothing per request.
 * Lines go to standard error, so that standard output stays free for what a command prints.
 */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Called with whole lines, newline included. */
export type LineWriter = (line: string) => void;

export function openLog(
  format: LogFormat,
  write: LineWriter = writeToStandardError,
  now: () => Date = () => new Date(),
  lowest: LogLevel = 'info',
): Log {
  const line = format === 'json' ? jsonLine : textLine;
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (logLevels.indexOf(level) < logLevels.indexOf(lowest)) return;
      write(`${line(now().toISOString(), level, message, fields)}\n`);
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * A log that writes the same message (with the same `code`) at most once in `intervalMilli`; the next line says how many were left out.
 * For refusals, which come in thousands when a disk is full.
 */
export function throttled(log: Log, intervalMilli = 10_000, now: () => number = Date.now): Log {
  const last = new Map<string, { at: number; suppressed: number }>();
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      const key = `${message} ${String(fields['code'])}`;
      const seen = last.get(key);
      if (seen !== undefined && now() - seen.at < intervalMilli) {
        seen.suppressed++;
        return;
      }
      last.set(key, { at: now(), suppressed: 0 });
      log[level](
        message,
        seen !== undefined && seen.suppressed > 0 ? { ...fields, suppressed: seen.suppressed } : fields,
      );
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

function writeToStandardError(line: string): void {
  process.stderr.write(line);
}

function jsonLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  return JSON.stringify({ time, level, message, ...fields }, (_name, value: unknown) => {
    if (value instanceof Error) return errorFacts(value);
    return typeof value === 'bigint' ? String(value) : value;
  });
}

function textLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  let line = `${time} ${level.toUpperCase().padEnd(5)} ${oneLine(message)}`;
  for (const [name, value] of Object.entries(fields)) line += textField(name, value);
  return line;
}

/** ` name=value`; of an error its message, then what more it has: ` error="…" error.code=ENOSPC error.cause="…"`. */
function textField(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (!(value instanceof Error)) return ` ${name}=${textValue(value)}`;
  const { message, ...more } = errorFacts(value);
  return (
    textField(name, message) +
    Object.entries(more)
      .map(([key, fact]) => textField(`${name}.${key}`, fact))
      .join('')
  );
}

/** What JSON leaves out of an error: its message, which is not enumerable. The stack only where no code explains it. */
function errorFacts(error: Error): { message: string; code?: unknown; cause?: unknown; stack?: string | undefined } {
  const { message, cause, stack } = error;
  const { code } = error as { code?: unknown };
  const facts = code === undefined ? { message, stack } : { message, code };
  return cause === undefined ? facts : { ...facts, cause };
}

function textValue(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

/** A message may quote what a client sent; it must not forge a second line. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
