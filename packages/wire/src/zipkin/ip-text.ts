/**
 * An address as people write it. IPv6 by RFC 5952: lower case, the first longest run of two or more zero groups as `::`.
 *
 * @param form  `number` is an IPv4 address whose four bytes are `start`, as an unsigned number
 */
export function ipText(bytes: Uint8Array, form: 'bytes' | 'number', start: number, end: number): string {
  if (form === 'number') return [start >>> 24, (start >>> 16) & 255, (start >>> 8) & 255, start & 255].join('.');
  const address = bytes.subarray(start, end);
  return address.length === 4 ? address.join('.') : ipv6Text(address);
}

function ipv6Text(address: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i] << 8) | address[2 * i + 1]);
  let longest = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > longest.length) longest = { at, length };
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (longest.at < 0) return text(groups);
  return `${text(groups.slice(0, longest.at))}::${text(groups.slice(longest.at + longest.length))}`;
}
