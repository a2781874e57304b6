import fs from 'node:fs';
import path from 'node:path';
import { StoreError } from '@spoor/model';

/** Who holds a data directory. */
interface LockOwner {
  readonly pid: number;
  /** what `/proc` says of the process's start; empty where there is no `/proc`. A pid is reused, the pair is not. */
  readonly startedAt: string;
}

/**
 * Keeps a second process out of a data directory, for as long as this one lives: the file `LOCK` names its owner.
 * A lock whose owner is gone, or whose pid now belongs to another process, is taken over. The file is created under its
 * final name whole (by a hard link), so that nobody ever reads half an owner.
 */
export class DataDirectoryLock {
  readonly path: string;

  private constructor(lockPath: string) {
    this.path = lockPath;
  }

  /**
   * Creates the directory when it is missing.
   * @throws {StoreError} `STORE_LOCKED` when a living process holds it; the message names its pid
   */
  static acquire(dataDirectory: string): DataDirectoryLock {
    createDurably(dataDirectory);
    const lockPath = `${dataDirectory}/LOCK`;
    const draftPath = `${lockPath}.${process.pid}`;
    fs.writeFileSync(draftPath, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) ?? '' }));
    try {
      for (let attempt = 0; attempt < 10; attempt++) {
        if (linkExclusively(draftPath, lockPath)) return new DataDirectoryLock(lockPath);
        removeIfStale(lockPath, dataDirectory);
      }
      throw new StoreError('STORE_LOCKED', `${dataDirectory}: other processes keep taking the lock`);
    } finally {
      fs.rmSync(draftPath, { force: true });
    }
  }

  release(): void {
    fs.rmSync(this.path, { force: true });
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** A directory that a power loss takes away takes its files along. */
function createDurably(directory: string): void {
  const firstCreated = fs.mkdirSync(directory, { recursive: true });
  if (firstCreated === undefined) return;
  const above = path.dirname(firstCreated);
  for (let at = path.resolve(directory); at !== above;) {
    at = path.dirname(at);
    const fd = fs.openSync(at, 'r');
    fs.fsyncSync(fd);
    fs.closeSync(fd);
  }
}

function linkExclusively(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeIfStale(lockPath: string, dataDirectory: string): void {
  const owner = readOwner(lockPath);
  if (owner && isAlive(owner)) {
    const message = `${dataDirectory} is used by process ${owner.pid}; stop it, or choose another --data-dir (the lock is ${lockPath})`;
    throw new StoreError('STORE_LOCKED', message);
  }
  // Moved, not removed: when another process took over in between, what was moved is its lock, and goes back.
  const asidePath = `${lockPath}.stale.${process.pid}`;
  try {
    fs.renameSync(lockPath, asidePath);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readOwner(asidePath);
  if (moved && isAlive(moved)) linkExclusively(asidePath, lockPath);
  fs.rmSync(asidePath, { force: true });
}

/** `undefined` when there is no file or it does not name an owner. */
function readOwner(lockPath: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(fs.readFileSync(lockPath, 'utf8')) as Partial<LockOwner> | undefined;
    return typeof owner?.pid === 'number' && typeof owner.startedAt === 'string' ? (owner as LockOwner) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(owner: LockOwner): boolean {
  if (fs.existsSync('/proc/self/stat')) return startOf(owner.pid) === owner.startedAt;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Boot id and start time in clock ticks since boot (field 22 of `/proc/<pid>/stat`); `undefined` when not running. */
function startOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie holds nothing any more.
    if (fields[0] === 'Z') return undefined;
    const ticks = fields[19];
    return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return undefined;
  }
}
