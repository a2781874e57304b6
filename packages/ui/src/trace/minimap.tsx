import { useEffect, useRef, useState } from 'react';
import { serviceColor } from '../format/service-color.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { clampWindow, isWhole, type TimeWindow } from './time-window.ts';
import type { TraceModel } from './trace-model.ts';

const heightPixels = 56;

/** The whole trace at a glance on a canvas, with the window in view; drag over it to zoom. */
export function Minimap(props: {
  readonly model: TraceModel;
  readonly window: TimeWindow;
  readonly onWindow: (window: TimeWindow) => void;
}) {
  const { model, window, onWindow } = props;
  const t = useStrings();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [dragFrom, setDragFrom] = useState<number | undefined>(undefined);
  useMinimapDrawing(canvas, model);
  const duration = model.traceDurationNano;
  const timeAt = (clientX: number): number => {
    const box = canvas.current!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * duration;
  };
  const percent = (nano: number): string => `${(nano / duration) * 100}%`;
  return (
    <div
      className="mini"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragFrom(timeAt(event.clientX));
      }}
      onPointerMove={(event) => {
        if (dragFrom === undefined) return;
        const at = timeAt(event.clientX);
        if (Math.abs(at - dragFrom) < duration * 0.003) return;
        onWindow(clampWindow({ fromNano: Math.min(at, dragFrom), toNano: Math.max(at, dragFrom) }, duration));
      }}
      onPointerUp={() => setDragFrom(undefined)}
      onDoubleClick={() => onWindow({ fromNano: 0, toNano: duration })}
    >
      <canvas ref={canvas} height={heightPixels} role="img" aria-label={t.minimap} />
      {!isWhole(window, duration) && (
        <>
          <div className="mini-shade" style={{ left: 0, width: percent(window.fromNano) }} />
          <div className="mini-shade" style={{ left: percent(window.toNano), right: 0 }} />
        </>
      )}
    </div>
  );
}

function useMinimapDrawing(canvas: React.RefObject<HTMLCanvasElement | null>, model: TraceModel): void {
  useEffect(() => {
    const element = canvas.current!;
    const draw = (): void => drawMinimap(element, model);
    const resize = new ResizeObserver(draw);
    resize.observe(element);
    const theme = matchMedia('(prefers-color-scheme: dark)');
    theme.addEventListener('change', draw);
    const attributes = new MutationObserver(draw);
    attributes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      resize.disconnect();
      attributes.disconnect();
      theme.removeEventListener('change', draw);
    };
  }, [canvas, model]);
}

/** Every span is a line at its share of the rows. Long traces skip what would paint the same pixels again. */
function drawMinimap(canvas: HTMLCanvasElement, model: TraceModel): void {
  const ratio = devicePixelRatio;
  const canvasWidth = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(heightPixels * ratio);
  if (canvasWidth === 0) return;
  canvas.width = canvasWidth;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  const { startNano, durationNano } = model.skeleton;
  const scale = canvasWidth / model.traceDurationNano;
  const lineHeight = Math.max(ratio, Math.min(5 * ratio, height / model.spanCount));
  const errorColor = resolvedColor(canvas, 'var(--error)');
  const colors = model.skeleton.services.map((service) => resolvedColor(canvas, serviceColor(service)));
  const covered = new Map<number, number>();
  for (let row = 0; row < model.spanCount; row++) {
    const y = Math.floor((row / Math.max(model.spanCount, height / lineHeight)) * height);
    const left = Math.floor(startNano[row] * scale);
    const right = Math.ceil((startNano[row] + durationNano[row]) * scale);
    const isError = model.isError[row] === 1;
    // On one line of pixels only what reaches past the last span, or is an error, adds anything.
    if (!isError && right <= (covered.get(y) ?? -1)) continue;
    if (!isError) covered.set(y, right);
    context.fillStyle = isError ? errorColor : colors[model.skeleton.operations[model.skeleton.operation[row]].service];
    // Where spans share lines of pixels, an error is a mark at its start, or a few would hide everything.
    const width = isError && lineHeight <= ratio ? 2 * ratio : Math.max(ratio, right - left);
    context.fillRect(left, y, width, Math.max(1, lineHeight - (lineHeight > 3 ? 1 : 0)));
  }
}

/** A canvas does not know `var()` or `light-dark()`; the style engine does. */
function resolvedColor(canvas: HTMLCanvasElement, color: string): string {
  canvas.style.color = color;
  const resolved = getComputedStyle(canvas).color;
  canvas.style.color = '';
  return resolved;
}
