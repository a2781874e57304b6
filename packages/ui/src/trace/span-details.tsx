import { type OtlpJsonAttribute, type OtlpJsonSpan, type OtlpJsonValue, SpanFlag } from '@spoor/wire';
import { useState } from 'react';
import { AttributeValue } from './attribute-value.tsx';
import { LinkedFrom } from './linked-from.tsx';
import { Link } from 'wouter';
import { formatDuration } from '../format/duration.ts';
import { formatShare } from '../format/number.ts';
import { serviceColor } from '../format/service-color.ts';
import { useStrings } from '../strings/use-strings.tsx';
import type { CriticalPath } from './critical-path.ts';
import { isFresh, type SpanDetails as Details, useSpanDetails } from './trace-data.ts';
import { kindOf, nameOf, serviceOf, type TraceModel } from './trace-model.ts';

const kindNames = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** Everything about one span. What the skeleton knows is there at once; the rest follows. */
export function SpanDetails(props: {
  readonly model: TraceModel;
  readonly critical: CriticalPath;
  readonly row: number;
  readonly onClose: () => void;
  readonly onSelect: (row: number) => void;
}) {
  const { model, critical, row, onClose, onSelect } = props;
  const t = useStrings();
  const { data, error, isPlaceholderData } = useSpanDetails(model.skeleton.traceId, row, model.spanCount);
  const details = isPlaceholderData ? undefined : data;
  const service = serviceOf(model, row);
  return (
    <aside className="sd" aria-label={nameOf(model, row)}>
      <header>
        <h2>{nameOf(model, row)}</h2>
        <button type="button" className="sp-button quiet" onClick={onClose}>
          {t.close}
        </button>
      </header>
      <p>
        <span className="sp-dot" style={{ background: serviceColor(service) }} /> {service}
      </p>
      <Facts model={model} critical={critical} row={row} onSelect={onSelect} span={spanOf(details)} />
      <Remarks model={model} row={row} />
      {error !== null && <p className="sp-notice error">{error.message}</p>}
      {details === undefined ? (
        error === null && <p className="sp-soft">{t.loading}</p>
      ) : (
        <Sections details={details} />
      )}
    </aside>
  );
}

function spanOf(details: Details | undefined): OtlpJsonSpan | undefined {
  return details?.resourceSpans[0]?.scopeSpans[0]?.spans[0];
}

function Facts(props: {
  readonly model: TraceModel;
  readonly critical: CriticalPath;
  readonly row: number;
  readonly span: OtlpJsonSpan | undefined;
  readonly onSelect: (row: number) => void;
}) {
  const { model, critical, row, span, onSelect } = props;
  const t = useStrings();
  const { skeleton } = model;
  const parent = skeleton.parentRow[row];
  const criticalNano = critical.selfNano[row];
  const status = (['unset', 'ok', 'error', '?'] as const)[skeleton.flags[row] & SpanFlag.statusMask];
  return (
    <dl className="sd-facts">
      <dt>{t.duration}</dt>
      <dd>
        <strong>{formatDuration(skeleton.durationNano[row])}</strong> · {t.self} {formatDuration(model.selfNano[row])}
      </dd>
      {criticalNano > 0 && (
        <>
          <dt>{t.criticalPath}</dt>
          <dd>{t.onCriticalPath(formatDuration(criticalNano), formatShare(criticalNano / model.traceDurationNano))}</dd>
        </>
      )}
      <dt>{t.startOffset}</dt>
      <dd>+{formatDuration(skeleton.startNano[row])}</dd>
      <dt>{t.kind}</dt>
      <dd>{kindNames[kindOf(model, row)] ?? kindOf(model, row)}</dd>
      <dt>{t.status}</dt>
      <dd className={status === 'error' ? 'sp-error' : undefined}>
        {status === 'error' ? '⚠ error' : status}
        {span?.status?.message !== undefined && `: ${span.status.message}`}
      </dd>
      {parent >= 0 && (
        <>
          <dt>{t.parent}</dt>
          <dd>
            <button type="button" className="sp-button quiet" onClick={() => onSelect(parent)}>
              ↑ {serviceOf(model, parent)} {nameOf(model, parent)}
            </button>
          </dd>
        </>
      )}
      {span !== undefined && (
        <>
          <dt>{t.spanId}</dt>
          <dd>
            <code>{span.spanId}</code>
          </dd>
        </>
      )}
      {span?.traceState !== undefined && (
        <>
          <dt>{t.traceState}</dt>
          <dd>
            <code>{span.traceState}</code>
          </dd>
        </>
      )}
    </dl>
  );
}

/** Clocks that are kept in step differ by less. */
const clockNoiseNano = 1_000_000;

/** What is odd about the span, and the likely cause. */
function Remarks({ model, row }: { readonly model: TraceModel; readonly row: number }) {
  const t = useStrings();
  const flags = model.skeleton.flags[row];
  const remarks: string[] = [];
  if ((flags & SpanFlag.missingParent) !== 0) {
    const hasRoot = (model.skeleton.flags[0] & SpanFlag.missingParent) === 0;
    const cause = isFresh(model.skeleton, model.traceDurationNano)
      ? t.missingParentLate
      : hasRoot
        ? t.missingParentLost
        : t.missingParentRoot;
    remarks.push(`${t.missingParentExplained(model.skeleton.missingParents.get(row) ?? '')} ${cause}`);
  }
  if ((flags & SpanFlag.cutCycle) !== 0) remarks.push(t.cutCycle);
  if ((flags & SpanFlag.endsBeforeStart) !== 0) remarks.push(t.endsBeforeStart);
  const { startNano, parentRow } = model.skeleton;
  const earlyNano = parentRow[row] < 0 ? 0 : startNano[parentRow[row]] - startNano[row];
  if (earlyNano > clockNoiseNano) remarks.push(t.startsBeforeParent(formatDuration(earlyNano)));
  return remarks.map((remark) => (
    <p key={remark} className="sp-notice">
      {remark}
    </p>
  ));
}

function Sections({ details }: { readonly details: Details }) {
  const t = useStrings();
  const [filter, setFilter] = useState('');
  const resource = details.resourceSpans[0];
  const scopeSpans = resource.scopeSpans[0];
  const span = scopeSpans.spans[0];
  const { scope } = scopeSpans;
  return (
    <>
      <input
        className="sp-input"
        type="search"
        aria-label={t.filterAttributes}
        placeholder={t.filterAttributes}
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      <AttributeSection
        title={t.attributes}
        attributes={span.attributes ?? []}
        dropped={span.droppedAttributesCount}
        filter={filter}
      />
      <EventSection span={span} filter={filter} />
      <LinkSection span={span} filter={filter} />
      <LinkedFrom key={span.spanId} span={span} />
      <AttributeSection
        title={t.resource}
        attributes={resource.resource.attributes ?? []}
        dropped={resource.resource.droppedAttributesCount}
        filter={filter}
      />
      <AttributeSection
        title={`${t.scope}: ${scope.name ?? t.none}${scope.version === undefined ? '' : ` ${scope.version}`}`}
        attributes={scope.attributes ?? []}
        dropped={scope.droppedAttributesCount}
        filter={filter}
      />
    </>
  );
}

function AttributeSection(props: {
  readonly title: string;
  readonly attributes: readonly OtlpJsonAttribute[];
  readonly dropped: number | undefined;
  readonly filter: string;
}) {
  const { title, attributes, dropped, filter } = props;
  return (
    <details className="sd-section" open>
      <summary>
        {title} ({attributes.length})
      </summary>
      <AttributeTable attributes={attributes} filter={filter} />
      <Dropped count={dropped} />
    </details>
  );
}

function AttributeTable({
  attributes,
  filter,
}: {
  readonly attributes: readonly OtlpJsonAttribute[];
  readonly filter: string;
}) {
  const wanted = filter.toLowerCase();
  const rows = attributes
    .map(({ key, value }) => ({ key, text: shownValue(value) }))
    .filter(({ key, text }) => key.toLowerCase().includes(wanted) || text.toLowerCase().includes(wanted))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  if (rows.length === 0) return null;
  return (
    <table className="sd-attributes">
      <tbody>
        {rows.map(({ key, text }, index) => (
          <tr key={`${index} ${key}`}>
            <th scope="row">{key}</th>
            <td>
              <AttributeValue name={key} text={text} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function EventSection({ span, filter }: { readonly span: OtlpJsonSpan; readonly filter: string }) {
  const t = useStrings();
  const events = span.events ?? [];
  if (events.length === 0) return null;
  const start = BigInt(span.startTimeUnixNano ?? 0);
  return (
    <details className="sd-section" open>
      <summary>
        {t.events} ({events.length})
      </summary>
      {events.map((event, index) => (
        <div
          key={`${index} ${event.timeUnixNano}`}
          className={`sd-event ${event.name === 'exception' ? 'exception' : ''}`}
        >
          <strong>{event.name}</strong>{' '}
          <span className="sp-soft">+{formatDuration(Number(BigInt(event.timeUnixNano ?? 0) - start))}</span>
          <AttributeTable attributes={event.attributes ?? []} filter={filter} />
          <Dropped count={event.droppedAttributesCount} />
        </div>
      ))}
      <Dropped count={span.droppedEventsCount} />
    </details>
  );
}

function LinkSection({ span, filter }: { readonly span: OtlpJsonSpan; readonly filter: string }) {
  const t = useStrings();
  const links = span.links ?? [];
  if (links.length === 0) return null;
  return (
    <details className="sd-section" open>
      <summary>
        {t.links} ({links.length})
      </summary>
      {links.map((link, index) => (
        <div key={`${index} ${link.spanId}`} className="sd-event">
          <Link href={`/trace/${link.traceId}?span=${link.spanId}`}>
            <code>{link.traceId}</code>
          </Link>{' '}
          <span className="sp-soft">
            {link.traceId === span.traceId && t.sameTrace} {t.spanId} <code>{link.spanId}</code>
          </span>
          <AttributeTable attributes={link.attributes ?? []} filter={filter} />
        </div>
      ))}
      <Dropped count={span.droppedLinksCount} />
    </details>
  );
}

function Dropped({ count }: { readonly count: number | undefined }) {
  const t = useStrings();
  return count === undefined ? null : <p className="sp-soft">{t.dropped(count)}</p>;
}

/** A value as people write it; lists and maps as JSON. */
function shownValue(value: OtlpJsonValue): string {
  const plain = plainValue(value);
  return typeof plain === 'string' ? plain : JSON.stringify(plain);
}

function plainValue(value: OtlpJsonValue): unknown {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.intValue !== undefined) return value.intValue;
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.bytesValue !== undefined) return `base64:${value.bytesValue}`;
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(plainValue);
  if (value.kvlistValue === undefined) return '';
  return Object.fromEntries(value.kvlistValue.values.map((entry) => [entry.key, plainValue(entry.value)]));
}
