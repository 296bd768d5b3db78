import type { ChildExit } from '../process/child-process.ts';

/** How a process ended, for a message. */
export function exitText({ code, signal }: ChildExit): string {
  if (signal === 'SIGKILL' || code === 137)
    return 'SIGKILL (exit code 137): it was ended from outside, most often for want of memory';
  return signal ?? `exit code ${code}`;
}
