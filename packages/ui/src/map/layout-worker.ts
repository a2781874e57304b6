import { Graph, layout } from '@dagrejs/dagre';
import type { GraphLayout, LayoutRequest } from './graph-layout.ts';

/** Computes one layout for each message. Its own file, so that dagre is loaded by the map alone. */
const scope = globalThis as unknown as {
  addEventListener(type: 'message', listener: (event: { readonly data: LayoutRequest }) => void): void;
  postMessage(answer: GraphLayout): void;
};

scope.addEventListener('message', ({ data }) => scope.postMessage(layoutOf(data)));

function layoutOf(request: LayoutRequest): GraphLayout {
  const graph = new Graph();
  graph.setGraph({ rankdir: request.direction, nodesep: 24, edgesep: 14, ranksep: 46, marginx: 12, marginy: 12 });
  for (const service of request.services) graph.setNode(service, { ...request.nodeSize });
  const label = request.labelSize ?? { width: 0, height: 0 };
  for (const [parent, child] of request.edges) graph.setEdge(parent, child, { ...label, labelpos: 'c' });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    nodes: request.services.map((service) => {
      const { x, y } = graph.node(service) as { x: number; y: number };
      return { service, x, y };
    }),
    edges: request.edges.map(([parent, child]) => {
      const { points, x, y } = graph.edge(parent, child) as GraphLayout['edges'][number];
      return { points: points.map((point) => ({ x: point.x, y: point.y })), x, y };
    }),
  };
}
