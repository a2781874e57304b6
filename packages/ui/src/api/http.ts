/** Where the page lives: the path of `<base href>` without its last slash. Empty at the root. */
export const basePath = new URL(document.baseURI).pathname.replace(/\/$/, '');

/** A refused request, with the server's own words. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** @throws {ApiError} with the server's message when the answer is not a success */
export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await answer(path, { signal: signal ?? null })).json() as Promise<T>;
}

/**
 * An answer that the server tells while it grows, when it takes long: `answer-stream.ts` there.
 * @param onSoFar  is given what is known of it, each time in place of the time before
 * @throws {ApiError} when there is none, or the connection ended before it
 */
export async function fetchGrowing<T>(path: string, signal: AbortSignal, onSoFar: (soFar: T) => void): Promise<T> {
  const response = await answer(path, { signal, headers: { Accept: 'application/x-ndjson, application/json' } });
  const isGrowing = response.headers.get('Content-Type')?.startsWith('application/x-ndjson') ?? false;
  if (!isGrowing) return response.json() as Promise<T>;
  for await (const line of linesOf(response)) {
    const message = JSON.parse(line) as { soFar?: T; error?: { message: string } };
    if (message.error !== undefined) throw new ApiError(response.status, message.error.message);
    if (message.soFar === undefined) return message as T;
    onSoFar(message.soFar);
  }
  throw new ApiError(response.status, 'the connection ended before the answer');
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

export async function fetchBytes(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  return new Uint8Array(await (await answer(path, { signal: signal ?? null })).arrayBuffer());
}

export async function fetchText(path: string, signal?: AbortSignal): Promise<string> {
  return (await answer(path, { signal: signal ?? null })).text();
}

export async function postJson<T>(path: string): Promise<T> {
  return (await answer(path, { method: 'POST' })).json() as Promise<T>;
}

/** @param body  sent as it is, whatever it is */
export async function postBody<T>(path: string, body: Blob): Promise<T> {
  const headers = { 'Content-Type': 'application/octet-stream' };
  return (await answer(path, { method: 'POST', headers, body })).json() as Promise<T>;
}

async function answer(path: string, init: RequestInit): Promise<Response> {
  const url = `${basePath}/${path}`;
  const response = await (takeEarlyAnswer(url) ?? fetch(url, init));
  if (response.ok) return response;
  throw new ApiError(response.status, messageOf(await response.text()) ?? `${response.status} ${response.statusText}`);
}

/** The request that `early.ts` made before the bundle was there, once. */
function takeEarlyAnswer(url: string): Promise<Response> | undefined {
  const holder = globalThis as {
    spoorEarlyAnswer?: { readonly url: string; readonly answer: Promise<Response> } | undefined;
  };
  const early = holder.spoorEarlyAnswer;
  if (early?.url !== url) return undefined;
  holder.spoorEarlyAnswer = undefined;
  return early.answer;
}

/** Spoor's errors and Jaeger's, which share the port. */
function messageOf(body: string): string | undefined {
  try {
    const parsed = JSON.parse(body) as { error?: { message?: string }; errors?: { msg?: string }[] };
    return parsed.error?.message ?? parsed.errors?.[0]?.msg;
  } catch {
    return body.length > 0 && body.length < 300 && !body.startsWith('<') ? body : undefined;
  }
}
