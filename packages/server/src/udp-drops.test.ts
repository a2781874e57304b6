import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { udpDrops } from './udp-drops.ts';

test('udpDrops: sums the last column by local port', () => {
  const head =
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';
  const four = `${head}
  712: 0100007F:1AAF 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 51893 2 0000000000000000 488
  713: 0100007F:1AB0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 51894 2 0000000000000000 0
`;
  const six = `${head}
  712: 00000000000000000000000001000000:1AAF 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 51895 2 0000000000000000 2
`;
  deepEqual(
    [...udpDrops((path) => (path.endsWith('6') ? six : four))],
    [
      [6831, 490],
      [6832, 0],
    ],
  );
  deepEqual([...udpDrops(() => undefined)], []);
});
