export * from './config.ts';
export * from './log.ts';
export * from './program.ts';
export type { ReceiverPorts } from './receivers/open-receivers.ts';
export type { OpenPorts } from './open-port.ts';
export * from './port-entry.ts';
export * from './receivers/receiver-entry.ts';
export { replayRequest } from './receivers/replay.ts';
