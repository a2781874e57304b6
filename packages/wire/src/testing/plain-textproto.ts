/*
 * Test only: reads what `protoc --decode` prints into the shape of parsed OTLP/JSON, so that captures can be
 * compared with what an independent decoder saw in them.
 */
import type { Json } from '../testing/plain-decoder.ts';

const repeatedFields = new Set([
  'resourceSpans',
  'scopeSpans',
  'spans',
  'attributes',
  'events',
  'links',
  'values',
  'entityRefs',
]);
const idFields = new Set(['traceId', 'spanId', 'parentSpanId']);

export function parseTextproto(text: string): Json {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}:]|[^\s{}:"]+/g) ?? [];
  let at = 0;
  const message = (): Json => {
    const fields: Record<string, unknown> = {};
    while (at < tokens.length && tokens[at] !== '}') {
      const name = tokens[at++].replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
      const opener = tokens[at++];
      let value: unknown;
      if (opener === '{') {
        value = message();
        at++;
      } else value = scalar(name, tokens[at++]);
      if (!repeatedFields.has(name)) fields[name] = value;
      else if (Array.isArray(fields[name])) fields[name].push(value);
      else fields[name] = [value];
    }
    return fields;
  };
  return message();
}

function scalar(name: string, token: string): unknown {
  if (token === 'true' || token === 'false') return token === 'true';
  if (!token.startsWith('"')) {
    if (/^-?[0-9]+$/.test(token)) return BigInt(token);
    return token === 'inf'
      ? Infinity
      : token === '-inf'
        ? -Infinity
        : token === 'nan'
          ? NaN
          : /^[A-Z]/.test(token)
            ? token
            : Number(token);
  }
  const bytes = unescaped(token.slice(1, -1));
  if (idFields.has(name)) return bytes.toString('hex');
  return name === 'bytesValue' ? new Uint8Array(bytes) : bytes.toString('utf8');
}

function unescaped(text: string): Buffer {
  const simple: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', "'": "'", '\\': '\\' };
  const latin1 = text.replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : simple[code],
  );
  return Buffer.from(latin1, 'latin1');
}
