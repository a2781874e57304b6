import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { ConfigError } from './config.ts';
import { fillForeignIndex } from './foreign-index.ts';
import { reply } from './http-reply.ts';
import type { ReloadedUiConfig } from './ui-config.ts';

export interface ForeignPageOptions {
  /** absolute; has an `index.html` */
  readonly directory: string;
  readonly basePath: string;
  readonly version: string;
  readonly uiConfig: ReloadedUiConfig | undefined;
  readonly onError: (path: string, error: unknown) => void;
}

/** What pages consist of; anything else is bytes. */
const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/**
 * Serves somebody else's page, Jaeger's for one, from a directory: files as they are, every other address as its
 * `index.html` with the configuration filled in. What is missing below `/static/` is a 404: a script that turns out to
 * be a page helps nobody.
 */
export class ForeignPage {
  readonly #options: ForeignPageOptions;
  readonly #index: string;

  /** @throws {ConfigError} when there is no `index.html` */
  constructor(options: ForeignPageOptions) {
    this.#options = options;
    try {
      this.#index = readFileSync(join(options.directory, 'index.html'), 'utf8');
    } catch (error) {
      throw new ConfigError(`--query.static-files must have an index.html: ${(error as Error).message}`);
    }
  }

  /** @param path  percent-encoded, base path removed */
  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return reply(request, response, 405, plainText, 'Method Not Allowed\n', { Allow: 'GET, HEAD' });
    }
    try {
      const file = this.#fileOf(path);
      if (file !== undefined && (await this.#sendFile(request, response, file))) return;
      if (path.startsWith('/static/')) return reply(request, response, 404, plainText, '404 page not found\n');
      reply(request, response, 200, contentTypes['.html'], this.#filledIndex(), { 'Cache-Control': 'no-cache' });
    } catch (error) {
      this.#options.onError(path, error);
      reply(request, response, 500, plainText, 'the page cannot be read\n');
    }
  }

  #filledIndex(): string {
    const { version, basePath, uiConfig } = this.#options;
    return fillForeignIndex(this.#index, { version, basePath, uiConfig: uiConfig?.current });
  }

  /** The file that a path names, never one outside the directory; `undefined` for the page itself. */
  #fileOf(path: string): string | undefined {
    let name: string;
    try {
      name = normalize(decodeURIComponent(path));
    } catch {
      return undefined;
    }
    // Normalised from the root on, `..` cannot lead above it.
    if (!name.startsWith(sep) || name.includes('\0') || name.endsWith(sep) || name === `${sep}index.html`) {
      return undefined;
    }
    return join(this.#options.directory, name);
  }

  /** @returns false when there is no such file */
  async #sendFile(request: IncomingMessage, response: ServerResponse, file: string): Promise<boolean> {
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) return false;
    const etag = `"${found.size.toString(16)}-${Math.trunc(found.mtimeMs).toString(16)}"`;
    const headers = { ETag: etag, 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return true;
    }
    const contentType = contentTypes[extname(file).toLowerCase()] ?? 'application/octet-stream';
    reply(request, response, 200, contentType, await readFile(file), headers);
    return true;
  }
}

const plainText = 'text/plain; charset=utf-8';
