import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { axisStepNano, formatTick } from '../format/duration.ts';
import type { TimeWindow } from './time-window.ts';
import type { WaterfallState } from './waterfall-state.ts';
import { type WaterfallActions, WaterfallView } from './waterfall-view.ts';
import { useIsNarrow } from '../shell/use-is-narrow.ts';

/** The waterfall with its time axis. `view` receives the list, for scrolling to rows. */
export function Waterfall(props: {
  readonly state: WaterfallState;
  readonly actions: WaterfallActions;
  readonly view: RefObject<WaterfallView | undefined>;
}) {
  const { state, actions, view } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const latest = useRef(actions);
  latest.current = actions;
  const isNarrow = useIsNarrow();
  const [nameShare, setNameShare] = useState(() => Number(localStorage.getItem('spoor.nameShare') ?? 34));
  useLayoutEffect(() => {
    const created = new WaterfallView(scroller.current!, {
      onSelect: (row) => latest.current.onSelect(row),
      onToggle: (row) => latest.current.onToggle(row),
      onZoom: (factor, aroundNano) => latest.current.onZoom(factor, aroundNano),
    });
    view.current = created;
    return () => created.dispose();
  }, [view]);
  useLayoutEffect(() => view.current?.render(state), [state, view]);
  useEffect(() => localStorage.setItem('spoor.nameShare', String(nameShare)), [nameShare]);
  const share = isNarrow ? 50 : nameShare;
  return (
    <div className="wf" style={{ '--wf-name-width': `${share}%` } as React.CSSProperties}>
      <Axis window={state.window} />
      <div
        ref={scroller}
        className="wf-scroller"
        role="treegrid"
        aria-label={state.strings.spanTree}
        aria-readonly="true"
        tabIndex={0}
      />
      {!isNarrow && <Divider share={share} label={state.strings.service} onChange={setNameShare} />}
    </div>
  );
}

function Axis({ window }: { readonly window: TimeWindow }) {
  const length = window.toNano - window.fromNano;
  const isNarrow = useIsNarrow();
  const step = axisStepNano(length, isNarrow ? 3 : 7);
  const ticks: number[] = [];
  for (let tick = Math.ceil(window.fromNano / step) * step; tick <= window.toNano - length * 0.04; tick += step)
    ticks.push(tick);
  return (
    <div className="wf-axis" aria-hidden="true">
      <div className="wf-axis-times">
        {ticks.map((tick) => (
          <span key={tick} style={{ left: `${((tick - window.fromNano) / length) * 100}%` }}>
            {formatTick(tick, step)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** The border between names and bars, to drag or to move with the arrow keys. */
function Divider(props: {
  readonly share: number;
  readonly label: string;
  readonly onChange: (share: number) => void;
}) {
  const { share, label, onChange } = props;
  const clamp = (value: number): number => Math.min(70, Math.max(15, value));
  return (
    // The separator of a window splitter is a widget: https://www.w3.org/WAI/ARIA/apg/patterns/windowsplitter/
    <div
      className="wf-divider"
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={Math.round(share)}
      aria-valuemin={15}
      aria-valuemax={70}
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') onChange(clamp(share - 2));
        else if (event.key === 'ArrowRight') onChange(clamp(share + 2));
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const box = event.currentTarget.parentElement!.getBoundingClientRect();
        onChange(clamp(((event.clientX - box.left) / box.width) * 100));
      }}
    />
  );
}
