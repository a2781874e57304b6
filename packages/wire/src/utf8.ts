const strict = new TextDecoder('utf-8', { fatal: true });

/** Whether `bytes[start, end)` is UTF-8. Nearly all texts are ASCII, which a loop finds out faster than a call. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let bits = 0;
  for (let i = start; i < end; i++) bits |= bytes[i];
  if (bits < 0x80) return true;
  try {
    strict.decode(bytes.subarray(start, end));
    return true;
  } catch {
    return false;
  }
}
