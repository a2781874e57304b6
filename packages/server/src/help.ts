import { configOptions, optionGroups, type ConfigOption } from './config-option.ts';

const widthChars = 96;
const columnChars = 28;

/** What `spoor --help` prints. */
export function helpText(): string {
  const groups = optionGroups.map((group) => {
    const options = configOptions.filter((option) => option.group === group);
    return `${group}\n${options.map(optionText).join('')}`;
  });
  return `Spoor keeps the traces your programs send and answers questions about them.

Usage: spoor [options]

  spoor                                      serve on this machine, with nothing to set up
  spoor --data-dir /srv/traces --host ::     keep data there, serve the whole network
  SPOOR_RETENTION_AGE=3d spoor               every option is also an environment variable

Send traces to http://localhost:4318 (OTLP over HTTP) or localhost:4317 (OTLP over gRPC); most SDKs do
so without being told. Ask for them with Jaeger's API at http://localhost:16686/api/traces?limit=5.

${groups.join('\n')}
Other
${row('-h, --help', 'this text')}${row('-v, --version', 'the version')}
An option on the command line wins over its environment variable: --data-dir is SPOOR_DATA_DIR, and so on.
`;
}

function optionText(option: ConfigOption): string {
  const suffix = option.defaultText === undefined ? '' : ` [${option.defaultText}]`;
  return row(`--${option.flag} ${option.placeholder}`, option.help + suffix);
}

function row(left: string, right: string): string {
  const lines = wrapped(right, widthChars - columnChars - 2);
  // A long option has a line to itself.
  if (left.length >= columnChars) lines.unshift('');
  return lines.map((line, i) => `${`  ${(i === 0 ? left : '').padEnd(columnChars)}${line}`.trimEnd()}\n`).join('');
}

function wrapped(text: string, chars: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > chars) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
