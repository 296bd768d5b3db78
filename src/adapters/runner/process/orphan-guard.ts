import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { CHILD_MARK } from './process-row.ts';

export interface OrphanGuard {
  /** The child ended by itself: nothing is left to do. */
  release(): void;
}

export interface Guarded {
  /** Process group of the child. */
  group: number;
  /** What the environment of its processes says in CHILD_MARK. */
  mark: string;
  /** Removed with them. */
  folder: string | undefined;
}

/**
 * `read` succeeds when it is let go and fails at the end of its input, which comes when this process is gone, however that happened.
 * Processes that left the group are found by their mark; what is being written, or closed to us, is removed in a second and third try.
 */
const SCRIPT = `read -r _ && exit
kill -KILL -"$0"
grep -las "${CHILD_MARK}=$1" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do kill -KILL "$pid"; done
[ -n "$2" ] || exit
for try in 1 2 3; do
  rm -rf -- "$2" && exit
  chmod -R u+rwx -- "$2"
  sleep 1
done`;

/**
 * Ends a child's processes, and removes a folder, should this process be killed: a SIGKILL leaves it no time to do so itself.
 * One shell of its own session, so that what kills us does not kill it.
 */
export function guardOrphans({ group, mark, folder }: Guarded): OrphanGuard {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, String(group), mark, folder ?? ''], {
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
