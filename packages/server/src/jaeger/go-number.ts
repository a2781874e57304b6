import { QueryError } from '@spoor/model';

/**
 * Reads a 64-bit integer as Go's `strconv.ParseInt(text, 10, 64)` does.
 *
 * @param of  the Go function whose name the complaint bears
 * @throws {QueryError} `QUERY_INVALID` in Go's words, which Jaeger's clients show
 */
export function parseGoInteger(text: string, of: 'ParseInt' | 'Atoi' = 'ParseInt'): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw complaint(of, text, 'invalid syntax');
  const value = BigInt(text);
  if (BigInt.asIntN(64, value) !== value) throw complaint(of, text, 'value out of range');
  return value;
}

/** Go's `strconv.ParseBool`. @throws {QueryError} `QUERY_INVALID` in Go's words */
export function parseGoBool(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw complaint('ParseBool', text, 'invalid syntax');
}

/** Go's `strconv.ParseFloat(text, 64)`, without its hexadecimal forms. @throws {QueryError} `QUERY_INVALID` in Go's words */
export function parseGoFloat(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  throw complaint('ParseFloat', text, 'invalid syntax');
}

function complaint(of: string, text: string, why: string): QueryError {
  return new QueryError('QUERY_INVALID', `strconv.${of}: parsing ${JSON.stringify(text)}: ${why}`);
}
