import { fieldType, parseFieldName } from '@spoor/traceql';
import type { TraceqlOffers } from '../editor/traceql-completion.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { type BuilderGroup, type BuilderOp, builderOps, type BuilderRow, emptyRow } from './builder-draft.ts';
import { modeOf } from './draft-query.ts';
import { FieldInput, ValueInput } from './offered-input.tsx';
import { valueOf } from './row-value.ts';

/** What is asked most, a click away. */
const quickRows: readonly (readonly [field: string, op: BuilderOp])[] = [
  ['resource.service.name', '='],
  ['name', '='],
  ['status', '='],
  ['kind', '='],
  ['duration', '>'],
];

/** Conditions on one span, a row each. */
export function GroupFields(props: {
  readonly title: string;
  readonly group: BuilderGroup;
  readonly offers: TraceqlOffers;
  readonly onChange: (group: BuilderGroup) => void;
}) {
  const { title, group, offers, onChange } = props;
  const t = useStrings();
  const add = (field: string, op: BuilderOp): void => onChange([...group, { ...emptyRow, field, op }]);
  return (
    <fieldset className="qb-group">
      <legend>{title}</legend>
      {group.map((row, i) => (
        <RowFields
          key={i}
          row={row}
          offers={offers}
          onChange={(next) => onChange(group.with(i, next))}
          onRemove={() => onChange(group.toSpliced(i, 1))}
        />
      ))}
      <div className="qb-quick">
        {quickRows
          .filter(([field]) => !group.some((row) => row.field === field))
          .map(([field, op]) => (
            <button key={field} type="button" className="sp-button" onClick={() => add(field, op)}>
              + {t.builderFieldName(field)}
            </button>
          ))}
        <button type="button" className="sp-button" onClick={() => add('', '=')}>
          + {t.attribute}
        </button>
      </div>
    </fieldset>
  );
}

function RowFields(props: {
  readonly row: BuilderRow;
  readonly offers: TraceqlOffers;
  readonly onChange: (row: BuilderRow) => void;
  readonly onRemove: () => void;
}) {
  const { row, offers, onChange, onRemove } = props;
  const t = useStrings();
  const field = parseFieldName(row.field);
  const ops = field === undefined ? builderOps : opsOf(fieldType(field), row.op);
  const isWrong =
    field !== undefined && row.value.trim() !== '' && valueOf(row.value, field, modeOf(row.op)) === undefined;
  return (
    <div className="qb-row">
      <FieldInput
        label={t.attribute}
        value={row.field}
        isInvalid={row.field.trim() !== '' && field === undefined}
        offers={offers}
        onChange={(name) => onChange({ ...row, field: name })}
      />
      <select
        className="sp-input"
        aria-label={t.builderOperator}
        value={row.op}
        onChange={(event) => onChange({ ...row, op: event.target.value as BuilderOp })}
      >
        {ops.map((op) => (
          <option key={op}>{op}</option>
        ))}
      </select>
      <ValueInput
        label={t.value}
        value={row.value}
        field={field}
        isInvalid={isWrong}
        offers={offers}
        onChange={(value) => onChange({ ...row, value })}
      />
      <button
        type="button"
        className="sp-icon"
        title={t.builderRemove}
        aria-label={`${t.builderRemove}: ${row.field}`}
        onClick={onRemove}
      >
        ×
      </button>
    </div>
  );
}

/** Those that the language has for the type, and the one that is there. */
function opsOf(type: ReturnType<typeof fieldType>, present: BuilderOp): readonly BuilderOp[] {
  return builderOps.filter((op) => {
    if (op === present || op === '=' || op === '!=') return true;
    if (type === 'status' || type === 'kind') return false;
    return modeOf(op) === 'plain' || type === 'string' || type === 'attribute';
  });
}
