import type { IncomingMessage } from 'node:http';
import { limits, WireError } from '@spoor/model';
import type { ByteHold } from './byte-budget.ts';
import { contentCodings, decodeContent, parseContentCoding } from './content-coding.ts';
import { discardBody, readBody } from './request-body.ts';

/**
 * Reads the body of an uploaded document, with its content coding undone.
 *
 * @throws {WireError} `WIRE_CONTENT_TYPE`, `WIRE_LIMIT`; by then enough of the body was read for the answer to arrive
 */
export async function wholeBody(request: IncomingMessage, hold: ByteHold): Promise<Uint8Array> {
  try {
    const coding = parseContentCoding(request.headers['content-encoding']);
    if (coding === undefined) {
      throw new WireError('WIRE_CONTENT_TYPE', `content encoding must be one of ${contentCodings}`);
    }
    const received = await readBody(request, limits.requestBytesMax, hold);
    const body = await decodeContent(received, coding, limits.requestBytesMax);
    if (body !== received) hold.take(body.length);
    return body;
  } catch (error) {
    await discardBody(request);
    throw error;
  }
}
