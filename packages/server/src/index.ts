export * from './config.ts';
export * from './log.ts';
export * from './program.ts';
export * from './receivers/otlp-replay.ts';
