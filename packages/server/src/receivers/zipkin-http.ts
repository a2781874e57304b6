import { codeOf } from '@spoor/model';
import { WalContentType, WalProtocol } from '@spoor/store';
import { homeOf } from '../wrong-protocol.ts';
import { HttpRefusal, type ForeignHttpProtocol } from './foreign-http.ts';

/**
 * Zipkin over HTTP, read as loosely as the OpenTelemetry Collector does: any path and any method that has a body. A path
 * with `api/v1/spans` is version 1, Thrift when the content type says so, else JSON; every other is version 2, protobuf
 * when the content type says so, else JSON.
 * Source: opentelemetry-collector-contrib, receiver/zipkinreceiver.
 */
export const zipkinHttp: ForeignHttpProtocol = {
  formOf: (request, path) => {
    const type = (request.headers['content-type'] ?? '').split(';', 1)[0].trim().toLowerCase();
    if (request.method === 'GET' || request.method === 'HEAD') {
      throw new HttpRefusal(
        404,
        'wrong_method',
        `${path} is not to be read; spans come here by POST /api/v2/spans, and are read at /api/v2/traces`,
      );
    }
    if (path.startsWith('/v1/')) {
      throw new HttpRefusal(404, 'wrong_path', `this port takes Zipkin's spans; OTLP has a port of its own, 4318`);
    }
    if (path === '/api/traces' && type.includes('thrift')) {
      throw new HttpRefusal(404, 'wrong_path', `this port takes Zipkin's spans; ${homeOf(path)}`);
    }
    if (path.includes('api/v1/spans')) {
      const contentType = type === 'application/x-thrift' ? WalContentType.thriftBinary : WalContentType.json;
      return { protocol: WalProtocol.zipkinV1, contentType };
    }
    const contentType = type === 'application/x-protobuf' ? WalContentType.protobuf : WalContentType.json;
    return { protocol: WalProtocol.zipkin, contentType };
  },
  answerTo: (error, status, message) => {
    const code = codeOf(error) ?? '';
    if (code.startsWith('WIRE_')) return { status: status === 413 ? 413 : 400, text: message };
    return { status: 500, text: message };
  },
  encodingOf: ({ protocol, contentType }) => {
    if (protocol === WalProtocol.zipkinV1) return contentType === WalContentType.json ? 'v1-json' : 'v1-thrift';
    return contentType === WalContentType.json ? 'v2-json' : 'v2-protobuf';
  },
};
