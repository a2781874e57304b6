import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** how long; `undefined`: until Ctrl-C */
  readonly forMilli: number | undefined;
  /** requests a second, of all users together */
  readonly rate: number;
  /** base of OTLP over HTTP; `undefined`: this machine's, and Spoor is started if nobody listens there */
  readonly endpoint: string | undefined;
  /** base of the page that shows the traces; `undefined`: derived from where spans are sent */
  readonly page: string | undefined;
  /** where a Spoor that the demo starts keeps its data; `undefined`: a directory that is gone at the end */
  readonly dataDir: string | undefined;
  readonly logs: boolean;
}

export const demoHelp = `Five services that call each other over HTTP, with a steady load and two faults worth finding.

Usage: npm run demo -- [options]

  --for TIME         stop after 30s, 5m, 1h                [until Ctrl-C]
  --rate N           requests a second                     [5]
  --endpoint URL     send spans there (OTLP over HTTP)     [http://localhost:4318; Spoor is started if nobody listens]
  --page URL         where to look, for what is printed    [the same machine, port 16686]
  --data-dir DIR     for a Spoor that is started           [a temporary directory, removed at the end]
  --logs             print what the services log, with trace ids
  -h, --help         this text
`;

/** One line for the user: an option that cannot be understood. */
export class DemoUsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DemoUsageError';
  }
}

/** `undefined` when help is asked for. @throws {DemoUsageError} */
export function readDemoOptions(args: readonly string[]): DemoOptions | undefined {
  const values = parseFlags(args);
  if (values.help === true) return undefined;
  return {
    forMilli: values.for === undefined ? undefined : milliseconds(values.for),
    rate: values.rate === undefined ? 5 : rate(values.rate),
    endpoint: baseUrl('--endpoint', values.endpoint),
    page: baseUrl('--page', values.page),
    dataDir: values['data-dir'],
    logs: values.logs === true,
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        for: { type: 'string' },
        rate: { type: 'string' },
        endpoint: { type: 'string' },
        page: { type: 'string' },
        'data-dir': { type: 'string' },
        logs: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new DemoUsageError(`${(error as Error).message.split(/[.\n] ?/, 1)[0]}; see npm run demo -- --help`);
  }
}

const milliOf: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function milliseconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (match === null) throw new DemoUsageError(`--for must be a time such as 30s or 5m, not '${text}'`);
  return Number(match[1]) * milliOf[match[2]];
}

function rate(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1000)) {
    throw new DemoUsageError(`--rate must be a number of requests a second, up to 1000, not '${text}'`);
  }
  return value;
}

function baseUrl(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new DemoUsageError(`${name} must be an address such as http://localhost:4318, not '${text}'`);
  }
  return text.replace(/\/+$/, '');
}
