import type { Log } from '../../log.ts';
import type { Check, DependencyHealth } from './check.ts';
import { watchCheck } from './watched-check.ts';

/** Whether a process should be given work, and whether it should live. */
export interface Health {
  /** Answers within two seconds, whatever hangs. */
  readiness(): Promise<Readiness>;
  /** Why only a restart helps; null: it does not need one. A store that is down is no reason. */
  sickness(): string | null;
  /** Not ready from now on: the process is about to end. */
  drain(): void;
  close(): Promise<void>;
}

export interface Readiness {
  ready: boolean;
  draining: boolean;
  dependencies: Record<string, DependencyHealth>;
}

export interface HealthOptions {
  log: Log;
  /** Asks in the background from now on; false: only when somebody looks. */
  isWatching?: boolean;
  /** Told whenever something was asked. */
  onFound?(check: Pick<Check, 'name' | 'required'>, isUp: boolean): void;
  sickness?(): string | null;
}

/** Watches what a process needs. Close it before what it watches. */
export function createHealth(
  checks: readonly Check[],
  { log, isWatching = true, onFound, sickness = () => null }: HealthOptions,
): Health {
  const watched = checks.map((check) => watchCheck(check, log, (isUp) => onFound?.(check, isUp)));
  if (isWatching) for (const check of watched) check.start();
  let draining = false;
  return {
    async readiness() {
      const found = await Promise.all(
        watched.map(async (check) => [check.name, await check.latest()] as const),
      );
      const isUp = found.every(([, { status, required }]) => status === 'up' || !required);
      return { ready: isUp && !draining, draining, dependencies: Object.fromEntries(found) };
    },
    sickness,
    drain() {
      draining = true;
    },
    async close() {
      draining = true;
      await Promise.all(watched.map((check) => check.close()));
    },
  };
}
