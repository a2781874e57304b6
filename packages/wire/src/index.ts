export * from './otlp/decode-result.ts';
export * from './otlp/decode-traces-protobuf.ts';
