import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { LabelMatcher } from '@spoor/query';
import { PromError } from './prom-error.ts';
import { parsePromNumber, parseStringLiteral } from './promql-text.ts';
import {
  aggregateFunctions,
  arithmeticOperators,
  type BinaryOperator,
  comparisonOperators,
  type PromExpression,
  type Selector,
  setOperators,
  type VectorMatching,
} from './promql-tree.ts';

/** A dashboard's longest queries list a few hundred names between `|`. */
const queryCharactersMax = 128 * 1024;
/** Of expressions within each other; people's have five. */
const depthMax = 64;

/**
 * Reads PromQL. The grammar is Prometheus' own; what of it is not evaluated here is refused by its name.
 * @throws {PromError} `bad_data`, with line and column
 */
export function parsePromql(text: string): PromExpression {
  if (text.trim() === '')
    throw new PromError('bad_data', 'unknown position: parse error: no expression found in input');
  if (text.length > queryCharactersMax)
    throw new PromError('bad_data', `the query is longer than ${queryCharactersMax}`);
  const tree = parser.parse(text);
  refuseDamage(tree, text);
  const top = tree.topNode.firstChild;
  if (top === null) throw new PromError('bad_data', 'unknown position: parse error: no expression found in input');
  return new Reader(text).expression(top, 0);
}

/**
 * Reads one selector, as `match[]` has them.
 * @throws {PromError} `bad_data`
 */
export function parseSelector(text: string): Selector {
  const expression = parsePromql(text);
  if (expression.kind !== 'selector') throw new PromError('bad_data', `${text} is not a selector of series`);
  return expression.selector;
}

function refuseDamage(tree: Tree, text: string): void {
  const cursor = tree.cursor();
  do {
    if (!cursor.type.isError) continue;
    const found = text.slice(cursor.from, Math.min(text.length, Math.max(cursor.to, cursor.from + 1)));
    const what = found === '' ? 'unexpected end of input' : `unexpected ${JSON.stringify(found.slice(0, 40))}`;
    throw new PromError('bad_data', `${place(text, cursor.from)}: parse error: ${what}`);
  } while (cursor.next());
}

/** `line:column`, from 1, as Prometheus counts. */
function place(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `${line}:${at - before.lastIndexOf('\n')}`;
}

class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  expression(node: SyntaxNode, depth: number): PromExpression {
    if (depth > depthMax) throw this.#error(node, `expressions are more than ${depthMax} deep`);
    switch (node.name) {
      case 'NumberDurationLiteral':
        return { kind: 'number', value: this.#number(node) };
      case 'ParenExpr':
        return this.expression(this.#operands(node)[0], depth + 1);
      case 'UnaryExpr':
        return this.#unary(node, depth);
      case 'VectorSelector':
        return { kind: 'selector', selector: this.#selector(node) };
      case 'AggregateExpr':
        return this.#aggregate(node, depth);
      case 'FunctionCall':
        return this.#call(node, depth);
      case 'BinaryExpr':
        return this.#binary(node, depth);
      default:
        throw this.#error(node, refusals[node.name] ?? `${node.name} is not supported here`);
    }
  }

  #unary(node: SyntaxNode, depth: number): PromExpression {
    const of = this.expression(this.#operands(node)[0], depth + 1);
    return this.#of(node.getChild('UnaryOp')!) === '-' ? { kind: 'negative', of } : of;
  }

  #aggregate(node: SyntaxNode, depth: number): PromExpression {
    const name = this.#of(node.getChild('AggregateOp')!).toLowerCase();
    const fn = aggregateFunctions.find((one) => one === name);
    if (fn === undefined) throw this.#error(node, `the aggregation ${name} is not supported here`);
    const modifier = node.getChild('AggregateModifier');
    const operands = this.#operands(node.getChild('FunctionCallBody')!);
    const isRanked = fn === 'topk' || fn === 'bottomk';
    this.#expectArguments(node, fn, operands, isRanked ? 2 : 1);
    return {
      kind: 'aggregate',
      function: fn,
      parameter: isRanked ? this.#scalar(operands[0], depth, fn) : undefined,
      labels: modifier === null ? [] : this.#labels(modifier.getChild('GroupingLabels')!),
      isWithout: modifier !== null && modifier.getChild('Without') !== null,
      of: this.#vector(operands.at(-1)!, depth, fn),
    };
  }

  #call(node: SyntaxNode, depth: number): PromExpression {
    const name = this.#of(node.getChild('FunctionIdentifier')!);
    const operands = this.#operands(node.getChild('FunctionCallBody')!);
    switch (name) {
      case 'rate':
      case 'increase':
        this.#expectArguments(node, name, operands, 1);
        return { kind: 'window', function: name, ...this.#range(operands[0], name) };
      case 'histogram_quantile':
        this.#expectArguments(node, name, operands, 2);
        return {
          kind: 'quantile',
          quantile: this.#scalar(operands[0], depth, name),
          of: this.#vector(operands[1], depth, name),
        };
      case 'sort':
      case 'sort_desc':
        this.#expectArguments(node, name, operands, 1);
        return { kind: 'sort', isDescending: name === 'sort_desc', of: this.#vector(operands[0], depth, name) };
      default:
        throw this.#error(node, `the function ${name} is not supported here`);
    }
  }

  #range(node: SyntaxNode, name: string): { readonly selector: Selector; readonly rangeNano: bigint } {
    let matrix = node;
    while (matrix.name === 'ParenExpr') matrix = this.#operands(matrix)[0];
    const selector = matrix.name === 'MatrixSelector' ? this.#operands(matrix)[0] : undefined;
    if (selector === undefined || selector.name !== 'VectorSelector') {
      const why = refusals[matrix.name] ?? refusals[selector?.name ?? ''];
      throw this.#error(matrix, why ?? `${name} expects a selector with a range, such as ${name}(x[5m])`);
    }
    const duration = matrix.getChild('DurationExpr');
    const literal = duration?.firstChild;
    const seconds =
      literal?.name === 'NumberDurationLiteralInDurationContext' ? parsePromNumber(this.#of(literal)) : undefined;
    if (seconds === undefined) throw this.#error(duration ?? matrix, 'arithmetic of durations is not supported here');
    if (!(seconds > 0) || seconds > 1e9) throw this.#error(duration!, 'a duration must be positive');
    return { selector: this.#selector(selector), rangeNano: BigInt(Math.round(seconds * 1000)) * 1_000_000n };
  }

  #binary(node: SyntaxNode, depth: number): PromExpression {
    const [left, right] = this.#operands(node);
    // The operator is the first child after the left side; a modifier may follow it.
    const operator = this.#of(left.nextSibling!).toLowerCase();
    if (!isOperator(operator)) throw this.#error(node, `the operator ${operator} is not supported here`);
    if (node.getChild('FillModifier') !== null) throw this.#error(node, 'fill() is not supported here');
    const isBool = node.getChild('BoolModifier') !== null;
    if (isBool && !(comparisonOperators as readonly string[]).includes(operator)) {
      throw this.#error(node, 'bool modifier can only be used on comparison operators');
    }
    const expression = {
      kind: 'binary',
      operator,
      isBool,
      matching: this.#matching(node),
      left: this.expression(left, depth + 1),
      right: this.expression(right, depth + 1),
    } as const;
    const scalars = [expression.left, expression.right].filter(isScalar).length;
    const isSet = (setOperators as readonly string[]).includes(operator);
    if (isSet && scalars > 0)
      throw this.#error(node, `set operator "${operator}" not allowed in binary scalar expression`);
    if (scalars === 2 && !isBool && (comparisonOperators as readonly string[]).includes(operator)) {
      throw this.#error(node, 'comparisons between scalars must use BOOL modifier');
    }
    return expression;
  }

  #matching(node: SyntaxNode): VectorMatching {
    const clause = node.getChild('MatchingModifierClause');
    if (clause === null) return { labels: [], isOn: false };
    for (const group of ['GroupLeft', 'GroupRight'] as const) {
      if (clause.getChild(group) !== null) throw this.#error(clause, refusals[group]);
    }
    return { labels: this.#labels(clause.getChild('GroupingLabels')!), isOn: clause.getChild('On') !== null };
  }

  #selector(node: SyntaxNode): Selector {
    const name = node.getChild('Identifier');
    const matchers: LabelMatcher[] = [];
    if (name !== null) matchers.push({ name: '__name__', op: '=', value: this.#of(name) });
    for (const child of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
      matchers.push(this.#matcher(child, this.#of(child.getChild('LabelName')!)));
    }
    for (const child of node.getChild('LabelMatchers')?.getChildren('QuotedLabelMatcher') ?? []) {
      matchers.push(this.#matcher(child, parseStringLiteral(this.#of(child.getChild('QuotedLabelName')!))));
    }
    for (const child of node.getChild('LabelMatchers')?.getChildren('QuotedLabelName') ?? []) {
      matchers.push({ name: '__name__', op: '=', value: parseStringLiteral(this.#of(child)) });
    }
    if (!matchers.some(isSelective)) {
      throw this.#error(node, 'vector selector must contain at least one non-empty matcher');
    }
    return { matchers, at: node.from };
  }

  #matcher(node: SyntaxNode, name: string): LabelMatcher {
    const op = this.#of(node.getChild('MatchOp')!) as LabelMatcher['op'];
    return { name, op, value: parseStringLiteral(this.#of(node.getChild('StringLiteral')!)) };
  }

  #labels(node: SyntaxNode): readonly string[] {
    const plain = node.getChildren('LabelName').map((child) => this.#of(child));
    const quoted = node.getChildren('QuotedLabelName').map((child) => parseStringLiteral(this.#of(child)));
    return [...new Set([...plain, ...quoted])];
  }

  #number(node: SyntaxNode): number {
    const value = parsePromNumber(this.#of(node).replaceAll(/\s/g, ''));
    if (value === undefined)
      throw this.#error(node, `bad number or duration syntax: ${JSON.stringify(this.#of(node))}`);
    return value;
  }

  #scalar(node: SyntaxNode, depth: number, of: string): PromExpression {
    const expression = this.expression(node, depth + 1);
    if (!isScalar(expression)) throw this.#error(node, `expected type scalar in ${of}, got instant vector`);
    return expression;
  }

  #vector(node: SyntaxNode, depth: number, of: string): PromExpression {
    const expression = this.expression(node, depth + 1);
    if (isScalar(expression)) throw this.#error(node, `expected type instant vector in ${of}, got scalar`);
    return expression;
  }

  /** Expressions directly below, through the lists the grammar puts around them. */
  #operands(node: SyntaxNode): SyntaxNode[] {
    return node.getChildren('Expr');
  }

  #expectArguments(node: SyntaxNode, name: string, found: readonly unknown[], count: number): void {
    if (found.length === count) return;
    throw this.#error(node, `expected ${count} argument(s) in call to "${name}", got ${found.length}`);
  }

  #of(node: SyntaxNode): string {
    return this.#text.slice(node.from, node.to);
  }

  #error(node: SyntaxNode, what: string): PromError {
    return new PromError('bad_data', `${place(this.#text, node.from)}: parse error: ${what}`);
  }
}

/** What people may try, by the grammar's names. */
const refusals: Readonly<Record<string, string>> = {
  MatrixSelector: 'a selector with a range stands inside rate() or increase() only',
  SubqueryExpr: 'subqueries are not supported here',
  OffsetExpr: 'offset is not supported here',
  StepInvariantExpr: 'the @ modifier is not supported here',
  StringLiteral: 'strings are not supported here',
  AnchoredExpr: 'anchored is not supported here',
  SmoothedExpr: 'smoothed is not supported here',
  GroupLeft: 'group_left is not supported here',
  GroupRight: 'group_right is not supported here',
};

export function isScalar(expression: PromExpression): boolean {
  switch (expression.kind) {
    case 'number':
      return true;
    case 'negative':
      return isScalar(expression.of);
    case 'binary':
      return isScalar(expression.left) && isScalar(expression.right);
    default:
      return false;
  }
}

function isOperator(text: string): text is BinaryOperator {
  return ([...arithmeticOperators, ...comparisonOperators, ...setOperators] as readonly string[]).includes(text);
}

/** A matcher that an absent label does not meet; without one a selector would mean everything. */
function isSelective({ op, value }: LabelMatcher): boolean {
  if (op === '=') return value !== '';
  if (op === '!=') return value === '';
  return op === '=~' ? !/^(\.\*|)$/.test(value) : value === '' || value === '.+' || value === '.*';
}
