import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { CHILD_MARK } from './process-row.ts';

export interface Guarded {
  /** What the environment of its processes says in CHILD_MARK. */
  mark: string;
  /** Removed with them. */
  folder: string | undefined;
}

/** Ends children's processes, and removes their folders, should this process be killed: a SIGKILL leaves it no time to do so itself. */
export interface OrphanGuard {
  /** To be asked before the child is started: this process may be killed while it starts it. */
  watch(child: Guarded): Watched;
}

export interface Watched {
  /** The child runs, in this process group. */
  started(group: number): void;
  /** It has ended by itself, or was not started: nothing is left to do. */
  release(): void;
}

/**
 * It is told in lines what to guard: a place, and who is there or nothing; the group is - until there is one. Its input ends when this
 * process is gone, however that happened. Processes that left their group are found by their mark, and looked for once more: one that
 * was just being started has none yet. What is being written, or closed to us, is removed in a second and third try.
 */
const SCRIPT = `last=0 marks=
while IFS=' ' read -r n group mark folder; do
  eval "group_$n=\\$group mark_$n=\\$mark folder_$n=\\$folder"
  [ "$n" -le "$last" ] || last=$n
done
hunt() {
  grep -las "${CHILD_MARK}=$1" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do kill -KILL "$pid"; done
}
tidy() {
  for try in 1 2 3; do
    rm -rf -- "$1" && return
    chmod -R u+rwx -- "$1"
    sleep 1
  done
}
n=0
while [ "$n" -lt "$last" ]; do
  n=$((n + 1))
  eval "group=\\$group_$n mark=\\$mark_$n folder=\\$folder_$n"
  [ -n "$group" ] || continue
  [ "$group" = - ] || kill -KILL -"$group"
  hunt "$mark"
  [ -z "$folder" ] || tidy "$folder" &
  marks="$marks $mark"
done
[ -n "$marks" ] && sleep 1
for mark in $marks; do hunt "$mark"; done
wait`;

/** With nobody to guard for so long, the shell ends; the next child gets another. */
const IDLE_MS = 10_000;

/**
 * One shell of its own session, so that what kills us does not kill it: for all children, as starting it takes as long as starting one of
 * them. Where it was ended by somebody, the next child starts it anew.
 */
export function createOrphanGuard(): OrphanGuard {
  const guarded = new Map<number, Guarded & { group: number | null }>();
  let shell: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;

  function tell(place: number): void {
    const child = guarded.get(place);
    shell?.stdin?.write(
      `${[place, ...(child ? [child.group ?? '-', child.mark, folderOf(child)] : [])].join(' ')}\n`,
    );
  }

  function start(): void {
    const started = startShell();
    shell = started;
    started.once('exit', () => {
      if (shell === started) shell = null;
    });
    for (const place of guarded.keys()) tell(place);
  }

  function end(): void {
    shell?.stdin?.end();
    shell = null;
  }

  return {
    watch({ mark, folder }) {
      clearTimeout(idle);
      const place = firstFree(guarded);
      const child: Guarded & { group: number | null } = { mark, folder, group: null };
      guarded.set(place, child);
      if (shell === null) start();
      else tell(place);
      return {
        started(group) {
          child.group = group;
          tell(place);
        },
        release() {
          if (guarded.get(place) !== child) return;
          guarded.delete(place);
          tell(place);
          if (guarded.size === 0) idle = setTimeout(end, IDLE_MS).unref();
        },
      };
    },
  };
}

function startShell(): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return shell;
}

function firstFree(guarded: ReadonlyMap<number, unknown>): number {
  let place = 1;
  while (guarded.has(place)) place += 1;
  return place;
}

/** A name that would be read as two lines is not told: its folder is swept at the next start. */
function folderOf({ folder = '' }: Guarded): string {
  return /[\n\r]/.test(folder) ? '' : folder;
}
