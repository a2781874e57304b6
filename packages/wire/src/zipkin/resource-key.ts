import { asciiBytes } from '../ascii-text.ts';

/**
 * Namespaces whose attributes describe what emitted a span, by OpenTelemetry's semantic conventions. Namespaces that spans
 * share (`faas.`, `aws.`) stay with the span.
 */
const prefixes = [
  'service.',
  'telemetry.',
  'host.',
  'os.',
  'process.',
  'container.',
  'k8s.',
  'cloud.',
  'deployment.',
  'device.',
  'webengine.',
].map(asciiBytes);

/** By their first byte, since this is asked for every tag. */
const prefixesOf: readonly (readonly Uint8Array[])[] = Array.from({ length: 128 }, (_, byte) =>
  prefixes.filter((prefix) => prefix[0] === byte),
);

/** Whether a tag with this key belongs to the resource. */
export function isResourceKey(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start];
  if (start === end || first >= 128) return false;
  for (const prefix of prefixesOf[first]) {
    if (end - start <= prefix.length) continue;
    let i = 1;
    while (i < prefix.length && bytes[start + i] === prefix[i]) i++;
    if (i === prefix.length) return true;
  }
  return false;
}
