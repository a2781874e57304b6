export * from './field-properties.ts';
export * from './tree.ts';
