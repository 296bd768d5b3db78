import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { findBubblewrap } from '../../src/adapters/runner/process/bubblewrap.ts';
import type { Child, ChildSpec } from '../../src/adapters/runner/process/child.ts';
import { createProcessHost, type ProcessLimits } from '../../src/adapters/runner/process/process-host.ts';

const ROOMY: ProcessLimits = { memoryBytes: 2 * 1024 ** 3, cpuS: 600, diskBytes: 1024 ** 3 };

export type Sandbox = 'off' | 'bwrap';

/** Whether bubblewrap works here; says so aloud when it does not, for then a part of the promises is not tested. */
export function hasBubblewrap(): boolean {
  const works = findBubblewrap('/usr/local/bin:/usr/bin:/bin') !== null;
  if (!works)
    process.stderr.write(
      '**** NO BUBBLEWRAP here (apt-get install bubblewrap): what it promises is not tested.\n',
    );
  return works;
}

/** The ways a child is started that can be tested here. */
export function sandboxes(): Sandbox[] {
  return hasBubblewrap() ? ['off', 'bwrap'] : ['off'];
}

export interface TestChild extends Child {
  /** Its working folder. */
  scratch: string;
  /** The lines it wrote to stderr so far. */
  lines: string[];
}

export interface TestChildOptions extends Partial<Omit<ChildSpec, 'command'>> {
  sandbox?: Sandbox;
  limits?: Partial<ProcessLimits>;
}

/** Starts a program in a folder of its own; both are gone after the test. */
export async function startTestChild(
  command: ChildSpec['command'],
  options: TestChildOptions = {},
): Promise<TestChild> {
  const { sandbox = 'off', limits, ...spec } = options;
  const scratch = await temporaryFolder();
  const lines: string[] = [];
  const host = createProcessHost({ limits: { ...ROOMY, ...limits }, sandbox });
  const child = host.start({
    cwd: scratch,
    scratch,
    env: { PATH: '/usr/bin:/bin', HOME: scratch },
    onStderr: (line) => lines.push(line),
    ...spec,
    command,
  });
  onTestFinished(() => child.kill(0));
  return { ...child, scratch, lines };
}

/** Starts Node with a script written here. */
export function startScript(script: string, options: TestChildOptions = {}): Promise<TestChild> {
  return startTestChild([process.execPath, '-e', script], options);
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ivory-child-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
