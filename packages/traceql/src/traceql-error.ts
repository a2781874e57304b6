import { QueryError } from '@spoor/model';

/** Where something stands in a query's text. Lines and columns count from 1; columns and offsets are UTF-16 units. */
export interface TextPosition {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a query, and what would be right. */
export interface Complaint {
  readonly message: string;
  /** what could have stood there, in words, most specific first; empty when that is not the trouble */
  readonly expected?: readonly string[];
  /** text that is likely meant, to be put in place of what stands from `position.offset` to `end` */
  readonly suggestion?: string | undefined;
}

/**
 * A query that cannot be understood (`QUERY_INVALID`) or goes past a limit (`QUERY_LIMIT`). The message is complete;
 * its parts are for editors.
 */
export class TraceqlError extends QueryError {
  readonly position: TextPosition | undefined;
  /** offset one past the offending text */
  readonly end: number | undefined;
  readonly expected: readonly string[];
  readonly suggestion: string | undefined;

  private constructor(
    code: 'QUERY_INVALID' | 'QUERY_LIMIT',
    message: string,
    complaint: Complaint,
    position: TextPosition | undefined,
    end: number | undefined,
  ) {
    super(code, message.length > MESSAGE_UNITS_MAX ? `${message.slice(0, MESSAGE_UNITS_MAX)}…` : message);
    this.position = position;
    this.end = end;
    this.expected = complaint.expected ?? [];
    this.suggestion = shortSuggestion(complaint);
  }

  /** The text is not of the language. Message: `parse error at line 1, col 10: …; expected …`. */
  static syntax(text: string, start: number, end: number, complaint: Complaint): TraceqlError {
    return new TraceqlError('QUERY_INVALID', located(text, start, complaint), complaint, positionAt(text, start), end);
  }

  /**
   * The text is of the language, but makes no sense: `… (line 1, col 10); did you mean …?`. `place` is unknown for trees
   * that were not parsed.
   */
  static meaning(complaint: Complaint, place?: { text: string; start: number; end: number }): TraceqlError {
    const position = place && positionAt(place.text, place.start);
    const where = position === undefined ? '' : ` (line ${position.line}, col ${position.column})`;
    const message = complaint.message + where + hintOf(complaint);
    return new TraceqlError('QUERY_INVALID', message, complaint, position, place?.end);
  }

  static limit(text: string, start: number, message: string): TraceqlError {
    const complaint = { message };
    return new TraceqlError('QUERY_LIMIT', located(text, start, complaint), complaint, positionAt(text, start), start);
  }
}

export function positionAt(text: string, offset: number): TextPosition {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { offset, line, column: offset - lineStart + 1 };
}

function located(text: string, start: number, complaint: Complaint): string {
  const { line, column } = positionAt(text, start);
  return `parse error at line ${line}, col ${column}: ${complaint.message}${hintOf(complaint)}`;
}

/** A hostile word can be as long as the text. */
const MESSAGE_UNITS_MAX = 500;
const SUGGESTION_UNITS_MAX = 100;

function shortSuggestion({ suggestion }: Complaint): string | undefined {
  return suggestion !== undefined && suggestion.length > SUGGESTION_UNITS_MAX ? undefined : suggestion;
}

/** Long lists of what is possible help nobody. */
const EXPECTED_SHOWN = 6;

function hintOf(complaint: Complaint): string {
  const { expected = [] } = complaint;
  const suggestion = shortSuggestion(complaint);
  const shown = expected.slice(0, EXPECTED_SHOWN).join(', ') + (expected.length > EXPECTED_SHOWN ? ', …' : '');
  const wanted = shown === '' ? '' : `; expected ${shown}`;
  return suggestion === undefined ? wanted : `${wanted}; did you mean ${suggestion}?`;
}
