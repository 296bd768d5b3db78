import type { Readable } from 'node:stream';
import type { PassedLimit, ProcessLimits, ProcessUsage } from './usage.ts';

export interface ChildSpec {
  command: readonly [string, ...string[]];
  cwd: string;
  /** A folder with the run's secrets, removed should this process be killed before it can do so. The child may write in it; it counts as its disk. */
  scratch?: string;
  /** The whole environment of the child, but for a mark (IVORY_CHILD): nothing is inherited. */
  env: Record<string, string>;
  /** Files and folders it reads beside the system's, its own program's and its working folder: in a sandbox it sees no others. */
  readable?: readonly string[];
  /** Folders beside `scratch` it may write in. */
  writable?: readonly string[];
  /** Called for every line on stderr. */
  onStderr(line: string): void;
}

export interface Child {
  stdout: Readable;
  /**
   * Settles when the process and all it has started are gone and its output drained. Rejects when it cannot be started: InvalidError
   * `tap.not_started`, `runner.no_sandbox`, UnavailableError `runner.no_process`.
   */
  exited: Promise<ChildExit>;
  /** Ends all its processes: SIGTERM, after the grace SIGKILL. Resolves when they are gone; nobody else's hold on its pipes matters. */
  kill(graceMs?: number): Promise<void>;
  /** What it has used so far. */
  usage(): ProcessUsage;
}

/** Exit code, or the signal's name. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** It was asked to end (kill) before it did. */
  stopped: boolean;
}

export interface ChildExit extends Ending {
  usage: ProcessUsage;
  limits: ProcessLimits;
  /** The limit it was ended for. */
  passed: PassedLimit | null;
  /** It ran in bubblewrap. */
  sandboxed: boolean;
}
