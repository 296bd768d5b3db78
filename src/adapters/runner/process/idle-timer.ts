import type { Child } from './child.ts';

export interface IdleTimer {
  /** Whether it has ended the tap. */
  fired(): boolean;
  /** A sign of life besides what is written to stdout. */
  touch(): void;
  /** What is told of a tap it has ended. */
  readonly message: string;
  clear(): void;
}

/** Ends a tap that writes nothing for too long. Leaves its stdout paused for whoever reads it. */
export function createIdleTimer(child: Child, timeoutMs: number): IdleTimer {
  let fired = false;
  const timer = setTimeout(() => {
    fired = true;
    void child.kill();
  }, timeoutMs);
  const touch = () => void timer.refresh();
  child.stdout.on('data', touch);
  child.stdout.pause();
  return {
    fired: () => fired,
    touch: () => {
      if (!fired) touch();
    },
    message: `It wrote nothing for ${timeoutMs / 1000} s and was stopped.`,
    clear() {
      clearTimeout(timer);
      child.stdout.off('data', touch);
    },
  };
}
