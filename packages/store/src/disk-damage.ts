import { CorruptionError } from '@spoor/model';
import type { Disk, DiskFile } from './disk.ts';

/**
 * The same disk, on which what the device cannot read (`EIO`) is a {@link CorruptionError} with its place: to whoever reads a
 * segment, a bad sector and a flipped bit are the same, and the rest must go on without it. Other errors of the
 * disk (no permission, too many open files) say nothing of the file and stay what they are.
 */
export function damageOfDisk(disk: Disk): Disk {
  return {
    open: (path, flags) => orDamage(path, 0, async () => damageOfFile(await disk.open(path, flags), path)),
    readdir: (path) => disk.readdir(path),
    mkdir: (path) => disk.mkdir(path),
    rename: (from, to) => disk.rename(from, to),
    unlink: (path) => disk.unlink(path),
    stat: (path) => orDamage(path, 0, () => disk.stat(path)),
    syncDirectory: (path) => disk.syncDirectory(path),
    statfs: (path) => disk.statfs(path),
  };
}

function damageOfFile(file: DiskFile, path: string): DiskFile {
  const readNow = file.readNow?.bind(file);
  return {
    read: (offset, length) => orDamage(path, offset, () => file.read(offset, length)),
    readNow: readNow && ((offset, length) => orDamageNow(path, offset, () => readNow(offset, length))),
    write: (chunks, offset) => file.write(chunks, offset),
    datasync: () => file.datasync(),
    truncate: (length) => file.truncate(length),
    sizeBytes: () => orDamage(path, 0, () => file.sizeBytes()),
    close: () => file.close(),
  };
}

async function orDamage<T>(path: string, offset: number, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw damageOr(error, path, offset);
  }
}

function orDamageNow<T>(path: string, offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw damageOr(error, path, offset);
  }
}

function damageOr(error: unknown, path: string, offset: number): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EIO') return error;
  return new CorruptionError(path, offset, 'the device cannot read it (EIO)', { cause: error });
}
