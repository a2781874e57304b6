import type { TraceId } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import type { ByteBudget } from '../byte-budget.ts';
import { wholeBody } from '../whole-body.ts';
import { readTempoTraceId } from './find-trace.ts';
import { TempoRefusal, type TempoAnswer, type TempoAsk } from './tempo-ask.ts';
import { invalid } from './tempo-parameter.ts';
import { diffFormats, type DiffFormat } from './trace-diff-json.ts';

/** `POST /api/v2/traces/diff`: how one trace differs from another. `docs/tempo.md` describes the answers. */
export async function diffTraces(traces: TraceStore, bodyBytes: ByteBudget, ask: TempoAsk): Promise<TempoAnswer> {
  if (ask.request.method !== 'POST') throw new TempoRefusal(405, 'Method Not Allowed\n');
  using hold = bodyBytes.open();
  const { base, compare, format } = readDiffRequest(Buffer.from(await wholeBody(ask.request, hold)).toString());
  const ids = [...new Set([base, compare])];
  const options = { base, compare, format };
  const request = { ids, format: { name: 'tempo-trace-diff', options } };
  const { body, missing } = await traces.traces(ask.tenant, request, ask.signal);
  if (missing.length > 0) throw new TempoRefusal(404, 'Not Found');
  return { contentType: 'application/json', body };
}

interface DiffRequest {
  readonly base: TraceId;
  readonly compare: TraceId;
  readonly format: DiffFormat;
}

/** @throws {QueryError} `QUERY_INVALID` */
function readDiffRequest(text: string): DiffRequest {
  const body = objectOf(parsed(text), 'the body');
  const format = body['format'] ?? diffFormats[0];
  const known = diffFormats.find((one) => one === format);
  if (known === undefined) throw invalid(`invalid format: must be one of ${diffFormats.join(', ')}`);
  return { base: idOf(body, 'base'), compare: idOf(body, 'compare'), format: known };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`invalid request body: ${(error as Error).message}`);
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`invalid request body: ${what} must be an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** Clients spell it both ways. Times beside it are not needed: a trace is found wherever it lies. */
function idOf(body: Readonly<Record<string, unknown>>, name: string): TraceId {
  const side = objectOf(body[name], name);
  const text = side['traceId'] ?? side['traceID'];
  if (typeof text !== 'string' || text === '') throw invalid(`invalid request body: ${name}.traceId is missing`);
  const id = readTempoTraceId(text);
  if (id === undefined) throw new TempoRefusal(404, 'Not Found');
  return id;
}
