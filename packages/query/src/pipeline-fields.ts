import {
  type Field,
  type FieldExpression,
  fieldsOf,
  type Pipeline,
  printField,
  type ScalarExpression,
  type Stage,
} from '@spoor/traceql';

/** The fields that a pipeline reads, in order of appearance, each once. */
export function fieldsOfPipeline(pipeline: Pipeline): readonly Field[] {
  const fields = new Map<string, Field>();
  const add = (expression: FieldExpression | undefined): void => {
    if (expression === undefined) return;
    for (const field of fieldsOf(expression)) fields.set(printField(field), field);
  };
  const pending: (Stage | ScalarExpression)[] = pipeline.toReversed();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    switch (next.kind) {
      case 'filter':
        add(next.condition);
        break;
      case 'subpipeline':
        pending.push(...next.pipeline.toReversed());
        break;
      case 'spansetOperation':
      case 'scalarFilter':
      case 'scalarArithmetic':
        pending.push(next.right, next.left);
        break;
      case 'scalarPipeline':
        pending.push(next.result, ...next.pipeline.toReversed());
        break;
      case 'group':
        add(next.by);
        break;
      case 'select':
        next.fields.forEach(add);
        break;
      case 'aggregate':
        add(next.of);
        break;
      case 'static':
      case 'coalesce':
        break;
    }
  }
  return [...fields.values()];
}
