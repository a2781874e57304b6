export * from './column-source.ts';
export * from './disk.ts';
export * from './ordered-spans.ts';
export * from './span-table.ts';
export * from './wal-record.ts';
