import type { Disk } from './disk.ts';
import type { SegmentEntry } from './manifest-record.ts';
import { isPinned } from './store-merge-policy.ts';

export interface RetentionLimits {
  /** what arrived before is removed, milliseconds since the epoch */
  readonly oldestMilli: number;
  readonly bytesMax: number;
}

export interface Expired {
  readonly reason: 'age' | 'bytes';
  readonly segments: readonly SegmentEntry[];
}

const defaultBytesMax = 50e9;

/**
 * 50 GB, or 80 % of what the file system has for segments (free now, plus what they take), whichever is less. On a small
 * one, less still: what sealing needs stays free, twice, up to a half of it.
 */
export async function retentionBytes(
  disk: Disk,
  directory: string,
  entries: readonly SegmentEntry[],
  reserveBytes: number,
): Promise<number> {
  const { freeBytes } = await disk.statfs(directory);
  const bytes = freeBytes + totalBytes(entries);
  return Math.min(defaultBytesMax, 0.8 * bytes, Math.max(bytes - 2 * reserveBytes, bytes / 2));
}

/**
 * What has to go, oldest arrivals first. Segments that replay still asks (see `chooseMerge`) stay a little longer, since
 * rows of theirs would come back with the WAL.
 */
export function chooseExpired(
  entries: readonly SegmentEntry[],
  walFloor: number,
  limits: RetentionLimits,
): readonly Expired[] {
  const ordered = entries
    .filter((entry) => !isPinned(entry, walFloor))
    .sort((a, b) => a.receivedMaxMilli - b.receivedMaxMilli || a.id - b.id);
  const byAge = ordered.filter(({ receivedMaxMilli }) => receivedMaxMilli < limits.oldestMilli);
  let bytes = totalBytes(entries) - totalBytes(byAge);
  const byBytes: SegmentEntry[] = [];
  for (const entry of ordered.slice(byAge.length)) {
    if (bytes <= limits.bytesMax) break;
    byBytes.push(entry);
    bytes -= entry.sizeBytes;
  }
  const expired: Expired[] = [
    { reason: 'age', segments: byAge },
    { reason: 'bytes', segments: byBytes },
  ];
  return expired.filter(({ segments }) => segments.length > 0);
}

function totalBytes(entries: readonly SegmentEntry[]): number {
  return entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
