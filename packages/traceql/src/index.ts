export * from './field-properties.ts';
export * from './tree.ts';
export * from './plain/plain-duration.ts';
export * from './plain/plain-match.ts';
export * from './plain/plain-query.ts';
