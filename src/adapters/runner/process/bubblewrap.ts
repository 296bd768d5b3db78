import { spawnSync } from 'node:child_process';
import { findProgram } from './find-program.ts';
import { ownView, type SandboxView, systemView } from './sandbox-view.ts';

export interface Bubblewrap {
  /** What goes before a command. What becomes of it is written to descriptor 3, as bubblewrap's JSON. */
  wrap(view: SandboxView): string[];
}

const PROBE_TIMEOUT_MS = 10_000;
const ISOLATION = ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'];
const NO_WAY_BACK = ['--die-with-parent', '--new-session', '--cap-drop', 'ALL'];
/** Otherwise these two are small disks in memory, writable. */
const READ_ONLY = ['--remount-ro', '/dev', '--remount-ro', '/'];

/**
 * Finds bubblewrap and tries it with everything a run asks of it: in a container it is often installed and not allowed to work.
 * null: there is none, or it does not work here. Takes some 10 ms.
 */
export function findBubblewrap(path: string): Bubblewrap | null {
  const bwrap = findProgram('bwrap', path);
  if (bwrap === null) return null;
  const system = systemView({ sized: knowsSize(bwrap) });
  const found: Bubblewrap = {
    wrap: (view) => [
      ...[bwrap, ...ISOLATION, ...NO_WAY_BACK, ...system, ...ownView(view), ...READ_ONLY],
      ...['--chdir', view.cwd, '--json-status-fd', '3', '--'],
    ],
  };
  return works(found) ? found : null;
}

function works({ wrap }: Bubblewrap): boolean {
  const [program = '', ...args] = wrap({ cwd: '/', readable: [], writable: [] });
  const { status } = spawnSync(program, [...args, '/bin/sh', '-c', ':'], {
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    timeout: PROBE_TIMEOUT_MS,
  });
  return status === 0;
}

/** Since 0.8 it can say how large a disk in memory may get. */
function knowsSize(bwrap: string): boolean {
  const { stdout } = spawnSync(bwrap, ['--help'], { env: {}, encoding: 'utf8', timeout: PROBE_TIMEOUT_MS });
  return stdout?.includes('--size') ?? false;
}
