import { createRandom, type Random } from '../../test/harness/seeded-random.ts';

/** One thing that goes wrong. Times count from the round's start. */
export type Fault = { atMs: number } & FaultKind;

export type FaultKind =
  /** The process dies at once and is started again after a while. */
  | { kind: 'kill'; target: string; downMs: number }
  /** SIGSTOP, then SIGCONT. */
  | { kind: 'freeze'; target: string; forMs: number }
  /** SIGTERM; a new one takes its place. */
  | { kind: 'terminate'; target: string }
  /** Killed and started again, empty. */
  | { kind: 'redis-lost'; downMs: number }
  | { kind: 'redis-flushed' }
  | { kind: 'redis-frozen'; forMs: number }
  /** An immediate stop, then crash recovery. */
  | { kind: 'postgres-crashed'; downMs: number }
  | { kind: 'postgres-frozen'; forMs: number }
  /** About every `oneIn`-th connection is ended by the server. */
  | { kind: 'backends-ended'; oneIn: number }
  /** The connections of one process to one service. `cut` also refuses new ones for a while. */
  | { kind: 'link-cut'; target: string; service: Service; forMs: number }
  | { kind: 'link-stalled'; target: string; service: Service; forMs: number }
  | { kind: 'link-reset'; target: string; service: Service };

export type Service = 'postgres' | 'redis';

export interface PlanOptions {
  seed: number;
  /** Faults come until this time, or until there are so many. */
  forMs: number;
  maxFaults?: number;
  /** Mean time from one fault to the next. */
  everyMs: number;
  /** The fleet's processes by name. */
  targets: readonly string[];
  /** A lease of a run: freezes are shorter and longer than it. */
  leaseMs: number;
}

/** How often each comes. */
const WEIGHTS: Record<FaultKind['kind'], number> = {
  kill: 20,
  freeze: 14,
  terminate: 12,
  'redis-lost': 5,
  'redis-flushed': 5,
  'redis-frozen': 4,
  'postgres-crashed': 5,
  'postgres-frozen': 4,
  'backends-ended': 8,
  'link-cut': 9,
  'link-stalled': 7,
  'link-reset': 9,
};

/** The same options make the same plan. */
export function planFaults(options: PlanOptions): Fault[] {
  const random = createRandom(options.seed);
  const faults: Fault[] = [];
  const most = options.maxFaults ?? Number.POSITIVE_INFINITY;
  for (let atMs = 0; faults.length < most; ) {
    atMs += Math.round(options.everyMs * (0.3 + 1.4 * random.next()));
    if (atMs > options.forMs) break;
    faults.push({ atMs, ...faultOf(kindOf(random), random, options) });
  }
  return faults;
}

function kindOf(random: Random): FaultKind['kind'] {
  const entries = Object.entries(WEIGHTS) as [FaultKind['kind'], number][];
  let at = random.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [kind, weight] of entries) {
    at -= weight;
    if (at < 0) return kind;
  }
  return 'kill';
}

function faultOf(kind: FaultKind['kind'], random: Random, { targets, leaseMs }: PlanOptions): FaultKind {
  const target = targets[random.below(targets.length)] ?? '';
  const service = random.below(3) === 0 ? 'redis' : 'postgres';
  const between = (low: number, high: number) => low + random.below(high - low + 1);
  switch (kind) {
    case 'kill':
      return { kind, target, downMs: between(0, 2_000) };
    case 'freeze':
      return { kind, target, forMs: between(500, leaseMs * 3) };
    case 'terminate':
      return { kind, target };
    case 'redis-lost':
    case 'postgres-crashed':
      return { kind, downMs: between(0, 3_000) };
    case 'redis-flushed':
      return { kind };
    case 'redis-frozen':
    case 'postgres-frozen':
      return { kind, forMs: between(500, leaseMs * 2) };
    case 'backends-ended':
      return { kind, oneIn: between(1, 3) };
    case 'link-cut':
    case 'link-stalled':
      return { kind, target, service, forMs: between(0, leaseMs * 2) };
    case 'link-reset':
      return { kind, target, service };
  }
}

/** "freeze runner-2 8.1 s" */
export function faultLine(fault: FaultKind): string {
  const { kind } = fault;
  const parts: string[] = [kind];
  if ('target' in fault) parts.push(fault.target);
  if ('service' in fault) parts.push(`from ${fault.service}`);
  const forMs = 'forMs' in fault ? fault.forMs : 'downMs' in fault ? fault.downMs : null;
  if (forMs !== null) parts.push(`${(forMs / 1000).toFixed(1)} s`);
  return parts.join(' ');
}
