import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from 'react';

/** What of the drawing is seen: its middle, and pixels for each unit of the drawing. */
interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Smaller than this, names cannot be read: a large drawing begins at its focus instead of whole. */
const readableScaleMin = 0.55;
const scaleMin = 0.05;
const scaleMax = 2.5;
/** Less is a click whose hand trembled. */
const dragPixelsMin = 4;
const keyStepPixels = 60;

/**
 * Panning by dragging and arrow keys, zooming by Ctrl and the wheel (the wheel alone scrolls the page), `+`, `-`, `0`.
 *
 * @param key  a new drawing is fitted anew
 */
export function usePanZoom(
  svg: RefObject<SVGSVGElement | null>,
  drawing: Size,
  centre: { x: number; y: number },
  key: string,
) {
  const size = useSize(svg);
  const [moved, setMoved] = useState<{ readonly key: string; readonly view: View }>();
  const drag = useRef<{ x: number; y: number; isMoving: boolean }>(undefined);
  const fitted = fit(drawing, size, centre);
  const view = moved?.key === key ? moved.view : fitted;
  const change = (next: (view: View) => View): void =>
    setMoved((before) => ({ key, view: next(before?.key === key ? before.view : fitted) }));
  const zoom = (factor: number): void =>
    change((before) => ({ ...before, scale: Math.min(scaleMax, Math.max(scaleMin, before.scale * factor)) }));
  const pan = (x: number, y: number): void =>
    change((before) => ({ ...before, x: before.x + x / before.scale, y: before.y + y / before.scale }));
  useWheelZoom(svg, zoom);
  return {
    viewBox: [
      view.x - size.width / view.scale / 2,
      view.y - size.height / view.scale / 2,
      size.width / view.scale,
      size.height / view.scale,
    ].join(' '),
    zoom,
    fit: () => setMoved(undefined),
    whole: () => change(() => ({ x: drawing.width / 2, y: drawing.height / 2, scale: wholeScale(drawing, size) })),
    /** Brings a point into view that is not. */
    reveal: (x: number, y: number) => {
      const isSeen =
        Math.abs(x - view.x) * view.scale < size.width / 2 - 40 &&
        Math.abs(y - view.y) * view.scale < size.height / 2 - 20;
      if (!isSeen) change((before) => ({ ...before, x, y }));
    },
    handlers: {
      onPointerDown: ({ clientX, clientY, button }: PointerEvent) => {
        drag.current = button === 0 ? { x: clientX, y: clientY, isMoving: false } : undefined;
      },
      onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
        const from = drag.current;
        if (from === undefined || event.buttons === 0) return;
        const [x, y] = [from.x - event.clientX, from.y - event.clientY];
        if (!from.isMoving && Math.hypot(x, y) < dragPixelsMin) return;
        if (!from.isMoving) event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, y: event.clientY, isMoving: true };
        pan(x, y);
      },
      onClickCapture: (event: MouseEvent) => {
        if (drag.current?.isMoving !== true) return;
        event.preventDefault();
        event.stopPropagation();
        drag.current = undefined;
      },
      onKeyDown: (event: KeyboardEvent) => {
        const action = keys[event.key as keyof typeof keys];
        if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        if (action === 'fit') setMoved(undefined);
        else if (typeof action === 'number') zoom(action);
        else pan(action[0] * keyStepPixels, action[1] * keyStepPixels);
      },
    },
  };
}

/** In pixels, as the layout has it; a guess until it is known. */
function useSize(svg: RefObject<SVGSVGElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 800, height: 480 });
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width > 0) setSize({ width: contentRect.width, height: contentRect.height });
    });
    observer.observe(svg.current!);
    return () => observer.disconnect();
  }, [svg]);
  return size;
}

/** React listens to the wheel passively, which could not keep the page from zooming. */
function useWheelZoom(svg: RefObject<SVGSVGElement | null>, zoom: (factor: number) => void): void {
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const element = svg.current!;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      latest.current(Math.exp(-event.deltaY / 300));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [svg]);
}

const keys = {
  '+': 1.25,
  '=': 1.25,
  '-': 0.8,
  '0': 'fit',
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
} as const;

function wholeScale(drawing: Size, size: Size): number {
  return Math.max(scaleMin, Math.min(1, size.width / drawing.width, size.height / drawing.height));
}

function fit(drawing: Size, size: Size, centre: { x: number; y: number }): View {
  const scale = wholeScale(drawing, size);
  if (scale >= readableScaleMin) return { x: drawing.width / 2, y: drawing.height / 2, scale };
  const within = (middle: number, length: number, seen: number): number =>
    length <= seen ? length / 2 : Math.min(length - seen / 2, Math.max(seen / 2, middle));
  return {
    x: within(centre.x, drawing.width, size.width / readableScaleMin),
    y: within(centre.y, drawing.height, size.height / readableScaleMin),
    scale: readableScaleMin,
  };
}
