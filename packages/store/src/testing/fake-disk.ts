import type { Disk, DiskFile } from '../disk.ts';

/** One call to the disk, as rules see it. */
export interface DiskOperation {
  readonly kind:
    | 'open'
    | 'read'
    | 'write'
    | 'datasync'
    | 'truncate'
    | 'readdir'
    | 'mkdir'
    | 'rename'
    | 'unlink'
    | 'syncDirectory';
  readonly path: string;
}

interface Inode {
  /** what the running program reads */
  content: Uint8Array;
  size: number;
  /** what survives a crash for certain */
  durable: Uint8Array;
  /** since the last sync; each may or may not have reached the platter */
  unsynced: Change[];
}

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly length: number };

/** A change of names, lost at a crash (or not) until the directory is synced. */
type NameChange = { readonly directory: string; readonly set?: readonly [string, Inode]; readonly remove?: string };

/**
 * A disk in memory that keeps only what it promised: at {@link FakeDisk.crash} unsynced bytes, names and directories are
 * forgotten, or, by the given random numbers, kept in part, in any order, torn in the middle of a write.
 * After a failed sync the bytes it was asked for count as clean and are never written, as Linux does it.
 * Calls of a crashed disk never return, as a dead process gets no answers.
 */
export class FakeDisk implements Disk {
  /** a rule that makes calls fail; `undefined` lets the call through */
  failWith: (operation: DiskOperation) => 'ENOSPC' | 'EIO' | undefined = () => undefined;
  /** a rule that makes syncs lie: they succeed and do nothing */
  skipSync: (operation: DiskOperation) => boolean = () => false;
  /** what all files together may take; a write past it fails with ENOSPC */
  capacityBytes = 2 ** 31;
  /** the machine stops when this many more calls have begun */
  operationsLeft = Number.POSITIVE_INFINITY;
  /** resolves when {@link operationsLeft} has run out */
  readonly stopped: Promise<void>;
  readonly operations: DiskOperation[] = [];
  #stop!: () => void;
  #isDead = false;
  #files = new Map<string, Inode>();
  #durableFiles = new Map<string, Inode>();
  #directories = new Set<string>();
  #durableDirectories = new Set<string>();
  #nameChanges: NameChange[] = [];

  constructor(root = '/data') {
    this.#directories.add('/').add(root);
    this.#durableDirectories.add('/').add(root);
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  /**
   * The disk as the next start finds it. This one is dead afterwards.
   * @param random  gives numbers in [0, 1) that decide what of the unsynced survives; nothing does when it is absent
   */
  crash(random?: () => number): FakeDisk {
    this.#isDead = true;
    const survives = (): boolean => random !== undefined && random() < 0.5;
    for (const directory of this.#directories) if (survives()) this.#durableDirectories.add(directory);
    for (const change of this.#nameChanges) if (survives()) applyName(this.#durableFiles, change);
    const next = new FakeDisk();
    next.capacityBytes = this.capacityBytes;
    next.#directories = new Set([...this.#durableDirectories].filter((path) => this.#isReachable(path)));
    next.#durableDirectories = new Set(next.#directories);
    const copies = new Map<Inode, Inode>();
    for (const [path, inode] of this.#durableFiles) {
      if (!next.#directories.has(parentOf(path))) continue;
      const copy = copies.get(inode) ?? survivor(inode, random);
      copies.set(inode, copy);
      next.#files.set(path, copy);
    }
    next.#durableFiles = new Map(next.#files);
    return next;
  }

  /** Content of a file, to damage it or look at it. */
  peek(path: string): Uint8Array {
    const inode = this.#existing(path);
    return inode.content.slice(0, inode.size);
  }

  /** Replaces a file's content behind the program's back, durably. */
  poke(path: string, content: Uint8Array): void {
    const inode = this.#existing(path);
    inode.content = content.slice();
    inode.size = content.length;
    inode.durable = content.slice();
    inode.unsynced = [];
  }

  paths(): string[] {
    return [...this.#files.keys()].sort();
  }

  async open(path: string, flags: 'create' | 'append' | 'read'): Promise<DiskFile> {
    await this.#begin({ kind: 'open', path });
    let inode = this.#files.get(path);
    if (!inode) {
      if (flags === 'read' || !this.#directories.has(parentOf(path))) throw diskError('ENOENT', path);
      inode = { content: new Uint8Array(), size: 0, durable: new Uint8Array(), unsynced: [] };
      this.#rename({ directory: parentOf(path), set: [path, inode] });
    } else if (flags === 'create') {
      inode.size = 0;
      inode.unsynced.push({ kind: 'truncate', length: 0 });
    }
    return this.#handle(path, inode);
  }

  async readdir(path: string): Promise<string[]> {
    await this.#begin({ kind: 'readdir', path });
    if (!this.#directories.has(path)) throw diskError('ENOENT', path);
    return [...this.#files.keys(), ...this.#directories]
      .filter((name) => name !== path && parentOf(name) === path)
      .map((name) => name.slice(path.length + 1));
  }

  async mkdir(path: string): Promise<void> {
    await this.#begin({ kind: 'mkdir', path });
    for (let at = path; !this.#directories.has(at); at = parentOf(at)) this.#directories.add(at);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#begin({ kind: 'rename', path: from });
    const inode = this.#existing(from);
    this.#rename({ directory: parentOf(to), set: [to, inode], remove: from });
  }

  async unlink(path: string): Promise<void> {
    await this.#begin({ kind: 'unlink', path });
    this.#existing(path);
    this.#rename({ directory: parentOf(path), remove: path });
  }

  async stat(path: string): Promise<{ sizeBytes: number } | undefined> {
    await this.#begin({ kind: 'read', path });
    const inode = this.#files.get(path);
    return inode && { sizeBytes: inode.size };
  }

  async syncDirectory(path: string): Promise<void> {
    const operation: DiskOperation = { kind: 'syncDirectory', path };
    await this.#begin(operation);
    if (this.skipSync(operation)) return;
    const rest: NameChange[] = [];
    for (const change of this.#nameChanges) {
      if (change.directory === path) applyName(this.#durableFiles, change);
      else rest.push(change);
    }
    this.#nameChanges = rest;
    for (const directory of this.#directories)
      if (parentOf(directory) === path) this.#durableDirectories.add(directory);
  }

  async statfs(): Promise<{ freeBytes: number; totalBytes: number }> {
    return { freeBytes: Math.max(0, this.#freeBytes()), totalBytes: this.capacityBytes };
  }

  #freeBytes(): number {
    return [...this.#files.values()].reduce((left, { size }) => left - size, this.capacityBytes);
  }

  async #begin(operation: DiskOperation): Promise<void> {
    if (--this.operationsLeft < 0) {
      this.#isDead = true;
      this.#stop();
    }
    if (this.#isDead) await new Promise(() => undefined);
    this.operations.push(operation);
    await Promise.resolve();
    if (this.#isDead) await new Promise(() => undefined);
    const code = this.failWith(operation);
    if (code) throw diskError(code, operation.path);
  }

  #existing(path: string): Inode {
    const inode = this.#files.get(path);
    if (!inode) throw diskError('ENOENT', path);
    return inode;
  }

  #rename(change: NameChange): void {
    applyName(this.#files, change);
    this.#nameChanges.push(change);
  }

  #isReachable(path: string): boolean {
    for (let at = path; at !== '/'; at = parentOf(at)) if (!this.#durableDirectories.has(at)) return false;
    return true;
  }

  #handle(path: string, inode: Inode): DiskFile {
    const begin = (kind: DiskOperation['kind']): Promise<void> => this.#begin({ kind, path });
    return {
      read: async (offset, length) => {
        await begin('read');
        return inode.content.slice(Math.min(offset, inode.size), Math.min(offset + length, inode.size));
      },
      write: async (chunks, offset) => {
        const bytes = new Uint8Array(Buffer.concat(chunks));
        try {
          await begin('write');
          if (offset + bytes.length - inode.size > this.#freeBytes()) throw diskError('ENOSPC', path);
        } catch (error) {
          // A full disk takes part of a write before it says so.
          this.#write(inode, {
            kind: 'write',
            offset,
            bytes: bytes.subarray(0, Math.min(bytes.length >> 1, Math.max(0, this.#freeBytes()))),
          });
          throw error;
        }
        this.#write(inode, { kind: 'write', offset, bytes });
      },
      datasync: async () => {
        const operation: DiskOperation = { kind: 'datasync', path };
        try {
          await this.#begin(operation);
        } catch (error) {
          inode.unsynced = [];
          throw error;
        }
        if (this.skipSync(operation)) return;
        for (const change of inode.unsynced) inode.durable = applyChange(inode.durable, change);
        inode.unsynced = [];
      },
      truncate: async (length) => {
        await begin('truncate');
        inode.size = Math.min(inode.size, length);
        inode.unsynced.push({ kind: 'truncate', length });
      },
      sizeBytes: async () => {
        await begin('read');
        return inode.size;
      },
      close: async () => undefined,
    };
  }

  #write(inode: Inode, change: Change & { kind: 'write' }): void {
    const end = change.offset + change.bytes.length;
    if (end > inode.content.length) {
      const grown = new Uint8Array(Math.max(end, 2 * inode.content.length));
      grown.set(inode.content.subarray(0, inode.size));
      inode.content = grown;
    }
    inode.content.fill(0, inode.size, Math.max(inode.size, change.offset));
    inode.content.set(change.bytes, change.offset);
    inode.size = Math.max(inode.size, end);
    inode.unsynced.push({ ...change, bytes: change.bytes.slice() });
  }
}

function survivor(inode: Inode, random: (() => number) | undefined): Inode {
  let durable = inode.durable;
  for (const change of random ? inode.unsynced : []) {
    const luck = random!();
    if (luck < 0.4) continue;
    const isTorn = luck > 0.8 && change.kind === 'write';
    durable = applyChange(durable, isTorn ? torn(change, random!()) : change);
  }
  return { content: durable.slice(), size: durable.length, durable: durable.slice(), unsynced: [] };
}

/** The first part of a write, the second, or a hole in the middle: sectors reach the platter in any order. */
function torn(change: Change & { kind: 'write' }, luck: number): Change {
  const bytes = change.bytes.slice();
  const cut = Math.floor(luck * bytes.length);
  if (luck < 0.4) return { ...change, bytes: bytes.subarray(0, cut) };
  if (luck < 0.7) bytes.fill(0, 0, cut);
  else bytes.fill(0, cut >> 1, cut);
  return { ...change, bytes };
}

function applyChange(content: Uint8Array, change: Change): Uint8Array {
  if (change.kind === 'truncate') return content.slice(0, change.length);
  const end = change.offset + change.bytes.length;
  const next = new Uint8Array(Math.max(content.length, end));
  next.set(content);
  next.set(change.bytes, change.offset);
  return next;
}

function applyName(files: Map<string, Inode>, change: NameChange): void {
  if (change.remove !== undefined) files.delete(change.remove);
  if (change.set) files.set(change.set[0], change.set[1]);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

function diskError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: fake disk, ${path}`), { code });
}
