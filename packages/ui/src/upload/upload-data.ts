import { postBody } from '../api/http.ts';

/** `POST api/spoor/upload` */
export interface UploadAnswer {
  readonly format: string;
  readonly spanCount: number;
  readonly rejectedSpanCount: number;
  readonly rejectedReason?: string;
  readonly traces: readonly { readonly traceId: string; readonly spanCount: number }[];
}

/** A file that was not taken, and why. */
export interface RefusedFile {
  readonly name: string;
  readonly reason: string;
}

/** What became of the files that were dropped or chosen together. */
export interface UploadOutcome {
  /** each once, in order of the files */
  readonly traceIds: readonly string[];
  readonly refused: readonly RefusedFile[];
  /** spans that were left out of files that were taken */
  readonly leftOut: readonly RefusedFile[];
}

/** The server's own limit: a larger file is refused before it is sent. */
export const uploadBytesMax = 64 * 1024 * 1024;

/**
 * Sends the files one after the other; a bad one does not keep the others back.
 * @param tooLarge  words for a file above {@link uploadBytesMax}
 */
export async function uploadFiles(files: readonly File[], tooLarge: string): Promise<UploadOutcome> {
  const traceIds = new Set<string>();
  const refused: RefusedFile[] = [];
  const leftOut: RefusedFile[] = [];
  for (const file of files) {
    const { name } = file;
    try {
      if (file.size > uploadBytesMax) throw new Error(tooLarge);
      const { traces, rejectedSpanCount, rejectedReason } = await postBody<UploadAnswer>('api/spoor/upload', file);
      for (const { traceId } of traces) traceIds.add(traceId);
      if (rejectedSpanCount > 0) leftOut.push({ name, reason: `${rejectedSpanCount} × ${rejectedReason ?? ''}` });
    } catch (error) {
      refused.push({ name, reason: (error as Error).message });
    }
  }
  return { traceIds: [...traceIds], refused, leftOut };
}

/** More ids than this make an address too long for some proxies. */
const listedTracesMax = 50;

/** Where the traces of an upload are to be seen; `undefined` when there is none. */
export function addressOf(traceIds: readonly string[]): string | undefined {
  if (traceIds.length <= 1) return traceIds.length === 0 ? undefined : `/trace/${traceIds[0]}`;
  return `/search?${traceIds
    .slice(0, listedTracesMax)
    .map((id) => `traceID=${id}`)
    .join('&')}`;
}
