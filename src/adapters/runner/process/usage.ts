/** What the processes of one child may use together. */
export interface ProcessLimits {
  /** Resident memory of all of them; pages that several share count for each. */
  memoryBytes: number;
  /** Processor time of all of them, in seconds. */
  cpuS: number;
  /** What may lie in the run's working folder. */
  diskBytes: number;
}

/** What they have used; null: this machine does not tell, or it was over before anybody looked. */
export interface ProcessUsage {
  peakMemoryBytes: number | null;
  cpuS: number | null;
  diskBytes: number | null;
}

/** A limit that was passed, in bytes or seconds. */
export interface PassedLimit {
  limit: 'memory' | 'cpu' | 'disk';
  used: number;
  allowed: number;
}

/** For what is not a tap. */
export const NO_LIMITS: ProcessLimits = {
  memoryBytes: Number.POSITIVE_INFINITY,
  cpuS: Number.POSITIVE_INFINITY,
  diskBytes: Number.POSITIVE_INFINITY,
};

export const NOTHING_KNOWN: ProcessUsage = { peakMemoryBytes: null, cpuS: null, diskBytes: null };

export function passedLimit(usage: ProcessUsage, limits: ProcessLimits): PassedLimit | null {
  const all: PassedLimit[] = [
    { limit: 'memory', used: usage.peakMemoryBytes ?? 0, allowed: limits.memoryBytes },
    { limit: 'cpu', used: usage.cpuS ?? 0, allowed: limits.cpuS },
    { limit: 'disk', used: usage.diskBytes ?? 0, allowed: limits.diskBytes },
  ];
  return all.find(({ used, allowed }) => used > allowed) ?? null;
}
