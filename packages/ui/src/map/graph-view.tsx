import { useMemo, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { formatDuration } from '../format/duration.ts';
import { formatRate, formatShare } from '../format/number.ts';
import { serviceColor } from '../format/service-color.ts';
import { serviceHref } from '../services/service-href.ts';
import { useIsNarrow } from '../shell/use-is-narrow.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { callsHref } from './calls-href.ts';
import { type GraphLayout, useLayout } from './graph-layout.ts';
import type { Edge, ServiceGraph } from './service-graph.ts';
import { usePanZoom } from './use-pan-zoom.ts';

/** What a node says below its name. */
export interface NodeFigures {
  readonly requestCount: number;
  readonly errorCount: number;
  readonly p99Nano: number;
}

const nodeSize = { width: 214, height: 46 };
const labelSize = { width: 112, height: 18 };
/** With more edges than these, labels would be a carpet; the figures are then where the pointer is, and in the table. */
const labelledEdgesMax = 40;
const nameCharactersMax = 22;

/** The graph as a drawing: services are links, in the order of the tab key; edges are also rows of the table. */
export function GraphView(props: {
  readonly graph: ServiceGraph;
  readonly figures: ReadonlyMap<string, NodeFigures>;
  /** over which calls were counted */
  readonly seconds: number;
}) {
  const { graph, figures, seconds } = props;
  const t = useStrings();
  const isNarrow = useIsNarrow();
  const svg = useRef<SVGSVGElement>(null);
  const [pointed, setPointed] = useState<Edge>();
  const request = useMemo(
    () => ({
      services: graph.services,
      edges: graph.edges.map(({ parent, child }) => [parent, child] as const),
      direction: isNarrow ? ('TB' as const) : ('LR' as const),
      nodeSize,
      labelSize: graph.edges.length <= labelledEdgesMax ? labelSize : undefined,
    }),
    [graph, isNarrow],
  );
  const state = useLayout(request);
  const layout = state.kind === 'done' ? state.layout : nothing;
  const central = graph.focus ?? busiest(graph.edges);
  const centre = layout.nodes.find(({ service }) => service === central) ?? layout.nodes[0] ?? { x: 0, y: 0 };
  const view = usePanZoom(svg, layout, centre, `${graph.focus} ${layout.width} ${layout.height}`);
  // The layout on show may still be the one before: edges are found by their ends.
  const edgeOf = useMemo(() => new Map(graph.edges.map((edge) => [keyOf(edge.parent, edge.child), edge])), [graph]);
  return (
    <div className="mp-graph" aria-busy={state.kind === 'pending'}>
      <svg
        ref={svg}
        viewBox={view.viewBox}
        role="group"
        aria-label={t.mapDrawing}
        onDragStart={(event) => event.preventDefault()}
        {...view.handlers}
      >
        <Arrowheads />
        <g aria-hidden="true">
          {state.kind === 'done' &&
            layout.edges.map((place, i) => {
              const [parent, child] = state.request.edges[i];
              const edge = edgeOf.get(keyOf(parent, child));
              return (
                edge !== undefined && (
                  <EdgeMark
                    key={keyOf(parent, child)}
                    {...{ edge, place, seconds, onPoint: setPointed }}
                    isLabelled={state.request.labelSize !== undefined}
                  />
                )
              );
            })}
        </g>
        {layout.nodes.map(({ service, x, y }) => (
          <NodeMark
            key={service}
            {...{ service, x, y, seconds }}
            figures={figures.get(service)}
            isFocus={service === graph.focus}
            onFocus={() => view.reveal(x, y)}
          />
        ))}
      </svg>
      <ZoomButtons zoom={view.zoom} whole={view.whole} />
      <p className="sp-soft mp-pointed">
        {state.kind === 'failed' ? t.layoutFailed : pointed === undefined ? t.mapHint : describe(pointed, seconds)}
      </p>
    </div>
  );
}

function ZoomButtons({ zoom, whole }: { readonly zoom: (factor: number) => void; readonly whole: () => void }) {
  const t = useStrings();
  return (
    <div className="mp-zoom">
      <button type="button" className="sp-icon" aria-label={t.zoomIn} title={t.zoomIn} onClick={() => zoom(1.25)}>
        +
      </button>
      <button type="button" className="sp-icon" aria-label={t.zoomOut} title={t.zoomOut} onClick={() => zoom(0.8)}>
        −
      </button>
      <button type="button" className="sp-button" onClick={whole}>
        {t.wholeGraph}
      </button>
    </div>
  );
}

/** The service with the most calls, made and taken. */
function busiest(edges: readonly Edge[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { parent, child, callCount } of edges) {
    for (const service of [parent, child]) counts.set(service, (counts.get(service) ?? 0) + callCount);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

const nothing: GraphLayout = { width: 1, height: 1, nodes: [], edges: [] };

function keyOf(parent: string, child: string): string {
  return JSON.stringify([parent, child]);
}

function describe(edge: Edge, seconds: number): string {
  return `${edge.parent} → ${edge.child}: ${figuresOf(edge, seconds)}`;
}

/** `40/s · 2.9 % · 4.12 ms`; without errors, nothing is said of them. */
function figuresOf({ callCount, errorCount = 0, meanLatencyMs }: Edge, seconds: number): string {
  const parts = [formatRate(callCount / seconds)];
  if (errorCount > 0) parts.push(formatShare(errorCount / Math.max(1, callCount)));
  if (meanLatencyMs !== undefined) parts.push(formatDuration(meanLatencyMs * 1e6));
  return parts.join(' · ');
}

function Arrowheads() {
  return (
    <defs>
      {['', 'error'].map((kind) => (
        <marker
          key={kind}
          id={`mp-arrow${kind}`}
          className={`mp-arrow ${kind}`}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0 0 8 4 0 8z" />
        </marker>
      ))}
    </defs>
  );
}

function EdgeMark(props: {
  readonly edge: Edge;
  readonly place: GraphLayout['edges'][number];
  readonly seconds: number;
  readonly isLabelled: boolean;
  readonly onPoint: (edge: Edge | undefined) => void;
}) {
  const { edge, place, seconds, isLabelled, onPoint } = props;
  const [, navigate] = useLocation();
  const kind = (edge.errorCount ?? 0) > 0 ? 'error' : '';
  const path = pathOf(place.points);
  return (
    <g
      className={`mp-edge ${kind}`}
      onClick={() => navigate(callsHref(edge))}
      onPointerEnter={() => onPoint(edge)}
      onPointerLeave={() => onPoint(undefined)}
    >
      <path className="mp-reach" d={path} />
      <path
        className="mp-line"
        d={path}
        strokeWidth={1 + Math.min(3, Math.log10(1 + edge.callCount / seconds))}
        markerEnd={`url(#mp-arrow${kind})`}
      />
      {isLabelled && place.x !== undefined && place.y !== undefined && (
        <text className="mp-label" x={place.x} y={place.y + 4} textAnchor="middle">
          {figuresOf(edge, seconds)}
        </text>
      )}
    </g>
  );
}

/** Through the middles of the way points, so that bends are round. */
function pathOf(points: GraphLayout['edges'][number]['points']): string {
  const [first, ...rest] = points;
  const last = rest.at(-1)!;
  const bends = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1];
    const [x, y] = i === rest.length - 2 ? [next.x, next.y] : [(point.x + next.x) / 2, (point.y + next.y) / 2];
    return `Q${round(point.x)} ${round(point.y)} ${round(x)} ${round(y)}`;
  });
  return `M${round(first.x)} ${round(first.y)}${bends.length === 0 ? `L${round(last.x)} ${round(last.y)}` : bends.join('')}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function NodeMark(props: {
  readonly service: string;
  readonly x: number;
  readonly y: number;
  readonly figures: NodeFigures | undefined;
  readonly seconds: number;
  readonly isFocus: boolean;
  readonly onFocus: () => void;
}) {
  const { service, x, y, figures, seconds, isFocus, onFocus } = props;
  const hasErrors = figures !== undefined && figures.errorCount > 0;
  const parts =
    figures === undefined ? [] : [formatRate(figures.requestCount / seconds), `p99 ${formatDuration(figures.p99Nano)}`];
  const errors = hasErrors ? `⚠ ${formatShare(figures.errorCount / figures.requestCount)}` : '';
  const shown = service.length > nameCharactersMax ? `${service.slice(0, nameCharactersMax - 1)}…` : service;
  return (
    <Link
      href={serviceHref(service)}
      className={`mp-node${hasErrors ? ' error' : ''}${isFocus ? ' focus' : ''}`}
      onFocus={onFocus}
    >
      <g transform={`translate(${round(x - nodeSize.width / 2)} ${round(y - nodeSize.height / 2)})`}>
        {shown !== service && <title>{service}</title>}
        <rect className="mp-box" width={nodeSize.width} height={nodeSize.height} rx="8" />
        <rect x="8" y="9" width="4" height={nodeSize.height - 18} rx="2" style={{ fill: serviceColor(service) }} />
        <text className="mp-name" x="20" y="19">
          {shown}
        </text>
        <text className="mp-figures" x="20" y="36">
          {parts.join(' · ')}
          {hasErrors && <tspan className="mp-errors"> {errors}</tspan>}
        </text>
      </g>
    </Link>
  );
}
