const TWO_56 = 1n << 56n;

/**
 * How many spans this one stands for, from the rejection threshold in `tracestate` (`ot=th:…`):
 * 2^56 / (2^56 − T), where T is 1–14 lower-case hex digits, padded with zeros on the right.
 * 1 when there is none or it is not valid.
 * Source: OpenTelemetry specification, "TraceState: Probability Sampling".
 */
export function adjustedCountFromTraceState(traceState: string): number {
  // Nearly every span has none, and this runs for each distinct one.
  if (!traceState.includes('th:')) return 1;
  for (const member of traceState.split(',')) {
    const [key, value] = splitOnce(member.trim(), '=');
    if (key !== 'ot' || value === undefined) continue;
    for (const field of value.split(';')) {
      const [name, digits] = splitOnce(field, ':');
      if (name === 'th' && digits !== undefined) return adjustedCountFromThreshold(digits);
    }
  }
  return 1;
}

function adjustedCountFromThreshold(digits: string): number {
  if (!/^[0-9a-f]{1,14}$/.test(digits)) return 1;
  const threshold = BigInt(`0x${digits.padEnd(14, '0')}`);
  return Number(TWO_56) / Number(TWO_56 - threshold);
}

/**
 * The same from what Jaeger's client libraries and OpenTelemetry's Jaeger remote sampler write on a root span:
 * 1 / `sampler.param` when `sampler.type` is `probabilistic`, else 1 (a rate limit says nothing about probability).
 */
export function adjustedCountFromSampler(type: string | undefined, param: number): number {
  return type === 'probabilistic' && param > 0 && param <= 1 ? 1 / param : 1;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
