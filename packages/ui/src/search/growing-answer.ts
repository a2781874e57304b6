import { useCallback, useRef } from 'react';
import { fetchGrowing } from '../api/http.ts';

/** How far a query came. */
export interface AnswerProgress {
  /** read so far */
  readonly spanCount: number;
  /** parts of the data that there are, and of which it is through */
  readonly sourceCount: number;
  readonly doneSourceCount: number;
}

/** What answers of searches and metrics have in common. */
export interface GrowingAnswer {
  readonly warnings: readonly string[];
  /** why this is not the whole answer, in the server's words */
  readonly incomplete?: string;
  /** absent where nothing was searched */
  readonly progress?: AnswerProgress;
  /** the reader stopped it: it is what was found until then */
  readonly isStopped?: true;
}

/** Whether it is all that there is to say: an empty answer then means that nothing matches. */
export function isWhole({ incomplete, isStopped }: GrowingAnswer): boolean {
  return incomplete === undefined && isStopped === undefined;
}

/** The state of an answer beside the answer itself. */
export interface AnswerRun {
  readonly isRunning: boolean;
  /** ends the query on the server too; what was found so far is then the answer */
  readonly stop: () => void;
}

/** Fetches answers that can be stopped; the latest of them is the one that `stop` ends. */
export function useStoppable<T extends GrowingAnswer>(nothing: T) {
  const stopping = useRef<AbortController>(undefined);
  const stop = useCallback(() => stopping.current?.abort(), []);
  /** @param signal  fires when nobody waits for the answer any more */
  const fetchAnswer = async (path: string, signal: AbortSignal, onSoFar: (soFar: T) => void): Promise<T> => {
    const controller = new AbortController();
    stopping.current = controller;
    let latest = nothing;
    try {
      return await fetchGrowing<T>(path, AbortSignal.any([signal, controller.signal]), (soFar) => {
        latest = soFar;
        onSoFar(soFar);
      });
    } catch (error) {
      if (!controller.signal.aborted || signal.aborted) throw error;
      return { ...latest, isStopped: true };
    }
  };
  return { fetchAnswer, stop };
}

const runs = new Map<string, number>();

/** How often a question was sent; what was answered last is still there when the reader comes back to it. */
export function runOf(question: string): number {
  return runs.get(question) ?? 0;
}

/** The same question again asks what is there now. */
export function runAgain(question: string): void {
  runs.set(question, runOf(question) + 1);
}
