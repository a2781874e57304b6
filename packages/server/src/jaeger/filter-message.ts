import type { MessageFields } from '../message-fields.ts';
import { filterDepthMax, invalid } from './filter-term.ts';

/**
 * Reads a `Call` as the JSON that stands for it in a URL, so that one reader judges both.
 *
 *    Call:  1 op  string   2 args  Expression[]
 *
 * @throws {QueryError} `QUERY_INVALID` for calls too deep within each other; {WireError}
 * Source: jaeger-idl, proto/expression/v1/expression.proto.
 */
export function filterJson(call: MessageFields, depth = 1): object {
  if (depth > filterDepthMax) throw invalid(`operators are more than ${filterDepthMax} deep`);
  let op = '';
  const args: object[] = [];
  for (let field = call.next(); field !== 0; field = call.next()) {
    if (field === 1) op = call.text();
    else if (field === 2) args.push(termJson(call.message(), depth));
  }
  return { op, args };
}

/** `Expression`, a oneof: the last term counts, and one of a newer definition is none. */
function termJson(term: MessageFields, depth: number): object {
  let json = {};
  for (let field = term.next(); field !== 0; field = term.next()) {
    if (field === 6) json = { call: filterJson(term.message(), depth + 1) };
    else if (field === 5) json = { list: listJson(term.message()) };
    else if (field <= 4) json = { [atoms[field - 1].name]: atomJson(term.message(), atoms[field - 1].fields) };
  }
  return json;
}

const atoms = [
  { name: 'attr', fields: ['key', 'level'] },
  { name: 'field', fields: ['name', 'level'] },
  { name: 'nested', fields: ['level'] },
  { name: 'scalar', fields: ['value', 'type'] },
] as const;

function atomJson(atom: MessageFields, names: readonly string[]): object {
  const json: Record<string, string> = {};
  for (let field = atom.next(); field !== 0; field = atom.next()) {
    if (field <= names.length) json[names[field - 1]] = atom.text();
  }
  return json;
}

/** `List`:  1 values  string[]   2 type  string */
function listJson(list: MessageFields): object {
  const values: string[] = [];
  let type = '';
  for (let field = list.next(); field !== 0; field = list.next()) {
    if (field === 1) values.push(list.text());
    else if (field === 2) type = list.text();
  }
  return { values, type };
}
