export { complete, type Completion, type CompletionItem } from './completion.ts';
export * from './field-properties.ts';
export { highlight, type HighlightClass, type HighlightSpan } from './highlight.ts';
export { checkQuery } from './check-query.ts';
export { diagnose, parseQuery } from './parse-query.ts';
export { printExpression, printField, printQuery, printStatic } from './printer.ts';
export { queryLimits } from './query-limits.ts';
export { TraceqlError, type TextPosition } from './traceql-error.ts';
export * from './tree.ts';
