import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { reply } from '../http-reply.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page fetches nothing from anywhere else, so nothing else is allowed. */
const contentSecurityPolicy =
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'";

interface StaticFile {
  readonly contentType: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
}

/**
 * Serves the bundle of the page. Files are read when first asked for, by names that the index lists, so that no path of a
 * request reaches the file system. Every other address is the page itself, which routes in the browser.
 */
export class StaticPage {
  readonly #directory: string;
  readonly #basePath: string;
  readonly #files = new Map<string, StaticFile>();
  #index: StaticFile | undefined;
  #names: ReadonlySet<string> = new Set();

  constructor(directory: string, basePath: string) {
    this.#directory = directory;
    this.#basePath = basePath;
  }

  /** False when the page was never built. */
  load(): boolean {
    try {
      const html = readFileSync(join(this.#directory, 'index.html'), 'utf8');
      const metafile = JSON.parse(readFileSync(join(this.#directory, 'metafile.json'), 'utf8')) as { outputs: object };
      this.#names = new Set(Object.keys(metafile.outputs).map((path) => path.slice(path.lastIndexOf('/') + 1)));
      const based = html.replace('<base href="/"', `<base href="${this.#basePath}/"`);
      this.#index = staticFile('index.html', Buffer.from(based));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** @param path  base path removed. @returns false when there is no page to serve */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    if (this.#index === undefined && !this.load()) return false;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const isAsset = this.#names.has(name);
    const file = isAsset ? this.#asset(name) : this.#index!;
    const acceptsGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    reply(request, response, 200, file.contentType, acceptsGzip ? file.gzipped : file.body, {
      ...(acceptsGzip && { 'Content-Encoding': 'gzip' }),
      Vary: 'Accept-Encoding',
      // Names of assets carry a hash of their content.
      'Cache-Control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache',
      'Content-Security-Policy': contentSecurityPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'same-origin',
    });
    return true;
  }

  #asset(name: string): StaticFile {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = staticFile(name, readFileSync(join(this.#directory, name)));
      this.#files.set(name, file);
    }
    return file;
  }
}

function staticFile(name: string, body: Buffer): StaticFile {
  return {
    contentType: contentTypes[extname(name)] ?? 'application/octet-stream',
    body,
    gzipped: gzipSync(body, { level: 9 }),
  };
}
