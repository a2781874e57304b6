import { QueryError } from '@spoor/model';
import { dependsOnTrace, type Query, type Stage } from '@spoor/traceql';
import { compileCondition, type Condition, conditionFields } from './condition.ts';

/** A search, checked and compiled; independent of any source. */
export interface SearchPlan {
  readonly condition: Condition;
  /** the condition of a span depends on its whole trace, which has to be brought together first */
  readonly needsWholeTraces: boolean;
}

/** @throws {QueryError} `QUERY_INVALID` for what is not evaluated yet, and for expressions that make no sense */
export function compileSearch(query: Query): SearchPlan {
  if (query.kind === 'metrics') throw notYet('a metrics query');
  const [first, second] = query.pipeline;
  if (first === undefined) throw new QueryError('QUERY_INVALID', 'the query has no stage');
  if (first.kind !== 'filter') throw notYet(nameOf(first));
  if (second !== undefined) throw notYet(second.kind === 'filter' ? 'a second filter' : nameOf(second));
  const condition = compileCondition(first.condition);
  return { condition, needsWholeTraces: conditionFields(condition).some(dependsOnTrace) };
}

function nameOf(stage: Stage): string {
  switch (stage.kind) {
    case 'filter':
      return 'a filter';
    case 'scalarFilter':
      return 'a filter by an aggregate';
    case 'group':
      return 'by()';
    case 'coalesce':
      return 'coalesce()';
    case 'select':
      return 'select()';
    case 'spansetOperation':
      return `the spanset operator ${stage.op}`;
    case 'subpipeline':
      return 'a pipeline in parentheses';
  }
}

function notYet(what: string): QueryError {
  return new QueryError('QUERY_INVALID', `${what} is not yet supported`);
}
