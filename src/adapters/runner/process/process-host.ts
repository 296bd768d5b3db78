import { type Child, type ChildSpec, startChild } from './child-process.ts';

/** What the processes of one run may use. */
export interface ProcessLimits {
  /** Resident memory of the whole process group. */
  memoryBytes: number;
  /** Processor time of the whole process group, in seconds. */
  cpuS: number;
  /** What may lie in the run's working folder. */
  diskBytes: number;
}

/** 'auto': bubblewrap where it is installed and works; 'bwrap': nothing runs without it; 'off': never. */
export type SandboxMode = 'auto' | 'bwrap' | 'off';

/** Starts the programs of runners, each within the installation's limits. */
export interface ProcessHost {
  start(spec: ChildSpec): Child;
}

export interface ProcessHostOptions {
  limits: ProcessLimits;
  sandbox: SandboxMode;
}

/** Builds the host all runners of a process share. */
export function createProcessHost(_options: ProcessHostOptions): ProcessHost {
  return { start: startChild };
}
