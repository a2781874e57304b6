import type { Disk } from './disk.ts';

const stepBytes = 16 << 20;
const pauseMilli = 20;

/**
 * Removes a file that nothing needs any more, large ones from their end, a step at a time: unlinking 200 MB at once
 * holds up the file system's journal, and with it every sync of the WAL, for 30 ms (ext4). Never rejects: the next start
 * removes what is left.
 */
export async function removeWal(disk: Disk, path: string): Promise<void> {
  try {
    const sizeBytes = (await disk.stat(path))?.sizeBytes ?? 0;
    if (sizeBytes > stepBytes) await shrink(disk, path, sizeBytes);
    await disk.unlink(path);
  } catch {
    // As good as removed: the manifest says that the file is consumed.
  }
}

async function shrink(disk: Disk, path: string, sizeBytes: number): Promise<void> {
  const file = await disk.open(path, 'append');
  try {
    for (let length = sizeBytes - stepBytes; length > 0; length -= stepBytes) {
      await file.truncate(length);
      await new Promise((resolve) => setTimeout(resolve, pauseMilli));
    }
  } finally {
    await file.close();
  }
}
