import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/**
 * Lets other threads of the machine go before the calling one: 0 is usual, 19 the most. What it has to do waits well; the
 * acknowledgement of a request does not. Linux keeps a priority for each thread; elsewhere, and where it is forbidden,
 * nothing happens, and the thread works as before.
 */
export function lowerThreadPriority(niceness: number): void {
  if (process.platform !== 'linux') return;
  try {
    // "<process id>/task/<thread id>", of whoever asks.
    const threadId = Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]);
    setPriority(threadId, Math.max(niceness, getPriority()));
  } catch {
    // No /proc, or no right to: it only makes a busy machine answer later.
  }
}
