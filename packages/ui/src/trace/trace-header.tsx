import { useState } from 'react';
import { formatDuration } from '../format/duration.ts';
import { formatCount, formatShare } from '../format/number.ts';
import { CheckIcon, CopyIcon } from '../shell/icons.tsx';
import { serviceColor } from '../format/service-color.ts';
import { formatTime } from '../format/time.ts';
import { useLanguage, useStrings } from '../strings/use-strings.tsx';
import type { CriticalPath } from './critical-path.ts';
import { nameOf, serviceOf, type TraceModel } from './trace-model.ts';

/** What the trace is: its root, size, time and id. */
export function TraceHeader({ model }: { readonly model: TraceModel }) {
  const { strings: t, locale } = useLanguage();
  const { skeleton } = model;
  const service = serviceOf(model, 0);
  return (
    <header className="tr-head">
      <h1>
        <span className="sp-dot" style={{ background: serviceColor(service) }} aria-hidden="true" />
        <span className="tr-title" title={`${service} ${nameOf(model, 0)}`}>
          <bdi>{service === '' ? t.unnamedService : service}</bdi> <bdi className="sp-soft">{nameOf(model, 0)}</bdi>
        </span>
      </h1>
      <div className="tr-facts">
        <strong>{formatDuration(model.traceDurationNano)}</strong>
        <span>{t.spans(formatCount(model.spanCount, locale))}</span>
        <span>{t.servicesCount(formatCount(skeleton.services.length, locale))}</span>
        {model.errorRows.length > 0 && (
          <span className="sp-error">⚠ {t.errors(formatCount(model.errorRows.length, locale))}</span>
        )}
        {(skeleton.flags[0] & 4) !== 0 && <span>{t.missingRoot}</span>}
        <span>{formatTime(Number(skeleton.startUnixNano / 1_000_000n), locale)}</span>
        <CopyButton text={skeleton.traceId} label={t.traceId} />
      </div>
    </header>
  );
}

function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const t = useStrings();
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="sp-button quiet"
      style={{ minHeight: 24, padding: 0 }}
      title={label}
      aria-label={`${label} ${text}: ${t.copy}`}
      onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
    >
      <code>{text}</code> {isCopied ? <CheckIcon /> : <CopyIcon />}
      <span className="sp-hidden" role="status">
        {isCopied ? t.copied : ''}
      </span>
    </button>
  );
}

const shownSegmentsMax = 6;

/** Where the time went: the critical path folded by operation, the largest first; a click goes to the longest such span. */
export function WhereTimeWent(props: {
  readonly model: TraceModel;
  readonly critical: CriticalPath;
  readonly onSelect: (row: number) => void;
}) {
  const { model, critical, onSelect } = props;
  const { operation, operations, services } = model.skeleton;
  const sums = new Map<number, { nano: number; count: number; row: number }>();
  for (let row = 0; row < model.spanCount; row++) {
    const nano = critical.selfNano[row];
    if (nano === 0) continue;
    const sum = sums.get(operation[row]);
    if (sum === undefined) sums.set(operation[row], { nano, count: 1, row });
    else {
      sum.nano += nano;
      sum.count++;
      if (nano > critical.selfNano[sum.row]) sum.row = row;
    }
  }
  const shown = [...sums].sort((a, b) => b[1].nano - a[1].nano).slice(0, shownSegmentsMax);
  if (shown.length < 2) return null;
  return (
    <div className="tr-went">
      {shown.map(([code, { nano, count, row }]) => {
        const { service, name } = operations[code];
        const share = formatShare(nano / model.traceDurationNano);
        const label = `${services[service]} ${name}${count > 1 ? ` ×${count}` : ''} ${share}`;
        const style = {
          flex: `${nano} 1 60px`,
          '--service-color': serviceColor(services[service]),
        } as React.CSSProperties;
        return (
          <button key={code} type="button" style={style} title={label} onClick={() => onSelect(row)}>
            <bdi>{services[service]}</bdi> <bdi>{name}</bdi>
            {count > 1 && ` ×${count}`} {share}
          </button>
        );
      })}
    </div>
  );
}
