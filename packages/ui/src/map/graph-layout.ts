import { useEffect, useState } from 'react';

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** To the layout worker. Sizes are in the drawing's own units. */
export interface LayoutRequest {
  readonly services: readonly string[];
  readonly edges: readonly (readonly [parent: string, child: string])[];
  readonly direction: 'LR' | 'TB';
  readonly nodeSize: Size;
  /** room for a label on each edge */
  readonly labelSize: Size | undefined;
}

/** From the layout worker. Nodes and edges come in the order they were asked in; x and y are middles. */
export interface GraphLayout extends Size {
  readonly nodes: readonly (Point & { readonly service: string })[];
  readonly edges: readonly {
    readonly points: readonly Point[];
    readonly x?: number | undefined;
    readonly y?: number | undefined;
  }[];
}

export type LayoutState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'done'; readonly request: LayoutRequest; readonly layout: GraphLayout };

/** Lays a graph out in a worker, one at a time; the picture before stays until the next is there. */
export function useLayout(request: LayoutRequest): LayoutState {
  const [state, setState] = useState<LayoutState>({ kind: 'pending' });
  const key = JSON.stringify(request);
  useEffect(() => {
    const asked = JSON.parse(key) as LayoutRequest;
    const worker = new Worker(workerUrl(), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<GraphLayout>) => {
      setState({ kind: 'done', request: asked, layout: data });
      worker.terminate();
    });
    worker.addEventListener('error', () => setState({ kind: 'failed' }));
    worker.postMessage(asked);
    return () => worker.terminate();
  }, [key]);
  return state;
}

/** The name carries a hash, which `build-page.ts` writes into the page. */
function workerUrl(): URL {
  const name = document.querySelector<HTMLMetaElement>('meta[name="spoor-layout-worker"]')!.content;
  return new URL(name, document.baseURI);
}
