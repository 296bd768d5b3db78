import type { Child } from './child.ts';

/** Works with a child process and leaves none behind: it is ended when the signal aborts and when the work is over, however that ends. */
export async function withChild<T>(child: Child, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const onAbort = () => void child.kill();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', onAbort);
    await child.kill();
  }
}
