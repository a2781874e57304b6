import type { Trace } from '@spoor/model';
import { encodeTracesJson, type TracesJsonStyle } from '../otlp/encode-traces-json.ts';

/**
 * Traces as Tempo writes them as JSON, which is protobuf's JSON and not OTLP's: ids as base64, enums by name. Clients
 * decode it with that.
 *
 * @param root  `batches`, as version 1 of its API has it, or `resourceSpans`
 */
export function encodeTempoTracesJson(traces: readonly Trace[], root: 'batches' | 'resourceSpans'): Uint8Array {
  return encodeTracesJson(traces, { ...protobufStyle, root });
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statusCodes = ['UNSET', 'OK', 'ERROR'];

const protobufStyle: Omit<TracesJsonStyle, 'root'> = Object.freeze({
  id: (hex: string) => `"${Buffer.from(hex, 'hex').toString('base64')}"`,
  kind: (kind: number) => (kind in kinds ? `"SPAN_KIND_${kinds[kind]}"` : String(kind)),
  statusCode: (code: number) => (code in statusCodes ? `"STATUS_CODE_${statusCodes[code]}"` : String(code)),
});
