import { WalContentType, WalProtocol } from '@spoor/store';
import { codeOf } from '@spoor/model';
import { homeOf } from '../wrong-protocol.ts';
import { HttpRefusal, type ForeignHttpProtocol } from './foreign-http.ts';

const contentTypes = ['application/x-thrift', 'application/vnd.apache.thrift.binary'];

/**
 * Jaeger's collector over HTTP: `POST /api/traces` with a bare `Batch` struct in Thrift's binary protocol. Texts and
 * statuses are Jaeger's; a parameter `format`, which old clients send, says nothing.
 * Source: jaeger 1, cmd/collector/app/handler/http_thrift_handler.go.
 */
export const jaegerThriftHttp: ForeignHttpProtocol = {
  formOf: (request, path) => {
    if (path !== '/api/traces') throw new HttpRefusal(404, 'wrong_path', wrongPath(path));
    if (request.method !== 'POST') {
      throw new HttpRefusal(405, 'wrong_method', `${path} takes POST, not ${request.method}`, { Allow: 'POST' });
    }
    const header = request.headers['content-type'];
    const type = (header ?? '').split(';', 1)[0].trim().toLowerCase();
    if (!/^[^\s/]+\/[^\s/]+$/.test(type)) {
      const why = type === '' ? 'no media type' : 'expected slash and one word on each side';
      throw new HttpRefusal(400, 'content_type', `Cannot parse content type: mime: ${why}`);
    }
    if (!contentTypes.includes(type)) throw new HttpRefusal(400, 'content_type', `Unsupported content type: ${type}`);
    return { protocol: WalProtocol.jaeger, contentType: WalContentType.thriftBinary };
  },
  answerTo: (error, status, message) => {
    const code = codeOf(error) ?? '';
    if (status === 413) return { status, text: `Unable to process request body: ${message}` };
    if (code.startsWith('WIRE_')) return { status: 400, text: `Unable to process request body: ${message}` };
    return { status: 500, text: `Cannot submit Jaeger batch: ${message}` };
  },
  encodingOf: () => 'thrift-binary',
};

/** The usual mistakes are another protocol's path. */
function wrongPath(path: string): string {
  const here = `this port takes POST /api/traces with Jaeger's Thrift`;
  const home = homeOf(path);
  return `there is no ${path} here; ${here}${home === undefined ? '' : `. ${home}`}`;
}
