import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

export interface OrphanGuard {
  /** The child ended by itself: nothing is left to do. */
  release(): void;
}

/** `read` succeeds when it is let go and fails at the end of its input, which comes when this process is gone, however that happened. */
const SCRIPT = 'read -r _ || { kill -KILL -"$0"; [ -z "$1" ] || rm -rf -- "$1"; }';

/**
 * Ends a process group, and removes a folder, should this process be killed: a SIGKILL leaves it no time to do so itself.
 * One shell of its own session, so that what kills us does not kill it.
 */
export function guardOrphans(group: number, folder: string | undefined): OrphanGuard {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, String(group), folder ?? ''], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return { release: () => void guard.stdin.end('\n') };
}
