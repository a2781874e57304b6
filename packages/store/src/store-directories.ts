import type { Disk } from './disk.ts';

/**
 * Where a tenant's files lie:
 *
 *     <data-dir>/<tenant>/manifest          what the store consists of
 *                         wal/              one file a head generation
 *                         segments/         immutable
 *                         quarantine/       damaged files and parts of files, for a person to look at
 */
export class StoreDirectories {
  readonly root: string;
  readonly wal: string;
  readonly segments: string;
  readonly quarantine: string;
  readonly #dataDirectory: string;

  constructor(dataDirectory: string, tenant: string) {
    this.#dataDirectory = dataDirectory;
    this.root = `${dataDirectory}/${tenant}`;
    this.wal = `${this.root}/wal`;
    this.segments = `${this.root}/segments`;
    this.quarantine = `${this.root}/quarantine`;
  }

  /** Creates what is missing, durably; that the data directory itself is, whoever holds its lock has seen to. */
  async create(disk: Disk): Promise<void> {
    for (const path of [this.wal, this.segments, this.quarantine]) await disk.mkdir(path);
    await disk.syncDirectory(this.#dataDirectory);
    await disk.syncDirectory(this.root);
  }

  segmentPath(id: number): string {
    return `${this.segments}/${String(id).padStart(10, '0')}.segment`;
  }

  /** The place for a damaged file; with an offset, for the part of it that begins there. */
  quarantinePath(path: string, offset?: number): string {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return `${this.quarantine}/${name}${offset === undefined ? '' : `.at-${offset}`}`;
  }
}

/** The id in a segment file's name, `undefined` when it is not one. */
export function parseSegmentFileName(name: string): number | undefined {
  const match = /^(\d{10})\.segment$/.exec(name);
  return match ? Number(match[1]) : undefined;
}
