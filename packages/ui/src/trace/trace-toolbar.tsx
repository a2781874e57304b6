import { type RefObject, useEffect, useRef, useState } from 'react';
import { basePath } from '../api/http.ts';
import { formatDuration } from '../format/duration.ts';
import { formatCount } from '../format/number.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { isWhole } from './time-window.ts';
import type { TraceModel } from './trace-model.ts';
import type { useTraceView } from './use-trace-view.ts';

/** The row of tools above the views. */
export function TraceToolbar(props: {
  readonly page: ReturnType<typeof useTraceView>;
  readonly model: TraceModel;
  readonly findBox: RefObject<HTMLInputElement | null>;
}) {
  const { page, model, findBox } = props;
  const { strings: t } = useLanguage();
  const { state, url, setUrl } = page;
  const shown = url.get('view') ?? 'waterfall';
  const isCriticalShown = url.get('cp') !== '0';
  const nextError = (): void => {
    const row = model.errorRows.find((candidate) => candidate > state.selectedRow) ?? model.errorRows[0];
    if (row !== undefined) page.select(row, true);
  };
  return (
    <div className="tr-tools">
      <div className="tr-tabs" role="tablist" aria-label={t.view}>
        {(['waterfall', 'table', 'json', 'raw'] as const).map((view) => (
          <button
            key={view}
            type="button"
            role="tab"
            className="sp-button"
            aria-selected={shown === view}
            onClick={() => setUrl({ view: view === 'waterfall' ? undefined : view })}
          >
            {t[view]}
          </button>
        ))}
      </div>
      <FindBox page={page} findBox={findBox} />
      <button
        type="button"
        className="sp-button"
        aria-pressed={isCriticalShown}
        onClick={() => setUrl({ cp: isCriticalShown ? '0' : undefined })}
      >
        {t.criticalPath}
      </button>
      {model.errorRows.length > 0 && (
        <button type="button" className="sp-button" onClick={nextError}>
          ⚠ {t.nextError}
        </button>
      )}
      <button type="button" className="sp-button" onClick={page.collapseAll}>
        {t.collapseAll}
      </button>
      <button type="button" className="sp-button" onClick={page.expandAll}>
        {t.expandAll}
      </button>
      {!isWhole(state.window, model.traceDurationNano) && (
        <button type="button" className="sp-button" onClick={() => setUrl({ z: undefined })}>
          {t.fit} ({t.zoomed(formatDuration(state.window.fromNano), formatDuration(state.window.toNano))})
        </button>
      )}
      <Downloads traceId={model.skeleton.traceId} />
    </div>
  );
}

/** What is typed is put into the address a moment later, so that typing stays quick in a long trace. */
function FindBox({
  page,
  findBox,
}: {
  readonly page: ReturnType<typeof useTraceView>;
  readonly findBox: RefObject<HTMLInputElement | null>;
}) {
  const { strings: t, locale } = useLanguage();
  const { find, found, setUrl, url, state } = page;
  const [text, setText] = useState(find);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(find), [find]);
  const jump = (): void => {
    const { matches, selectedRow, model } = state;
    if (matches === undefined) return;
    const after = matches.indexOf(1, selectedRow + 1);
    const row = after >= 0 ? after : matches.indexOf(1);
    if (row >= 0 && row < model.spanCount) page.select(row);
  };
  const isOnly = url.get('only') === '1';
  return (
    <>
      <input
        ref={findBox}
        className="sp-input tr-find"
        type="search"
        aria-label={t.findInTrace}
        placeholder={t.findInTrace}
        value={text}
        onChange={(event) => {
          const { value } = event.target;
          setText(value);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => setUrl({ f: value, uiFind: undefined }), 120);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') jump();
          else if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      {find !== '' && (
        <>
          <span role="status" className={found.kind === 'error' ? 'sp-error' : 'sp-soft'}>
            {found.kind === 'rows'
              ? t.matches(formatCount(found.count, locale))
              : found.kind === 'error'
                ? found.message
                : t.loading}
          </span>
          <button
            type="button"
            className="sp-button"
            aria-pressed={isOnly}
            onClick={() => setUrl({ only: isOnly ? undefined : '1' })}
          >
            {t.onlyMatches}
          </button>
        </>
      )}
    </>
  );
}

function Downloads({ traceId }: { readonly traceId: string }) {
  const { strings: t } = useLanguage();
  return (
    <>
      <a className="sp-button" href={`${basePath}/api/spoor/trace/${traceId}/otlp`} download={`${traceId}.otlp.json`}>
        ↓ {t.downloadOtlp}
      </a>
      <a
        className="sp-button"
        href={`${basePath}/api/traces/${traceId}?prettyPrint=true`}
        download={`${traceId}.jaeger.json`}
      >
        ↓ {t.downloadJaeger}
      </a>
    </>
  );
}
