import type { ReadinessForm } from '../../src/services/health/readiness-form.ts';
import type { IvoryProcess } from './processes.ts';
import { until } from './until.ts';

export interface Probe {
  status: number;
  body: ReadinessForm;
}

/** Where a process serves its probes: the last word of its line `ready`. */
export function probeUrl({ ready }: IvoryProcess): string {
  return ready.split(' ').at(-1) ?? '';
}

export async function readyz(process: IvoryProcess): Promise<Probe> {
  const response = await fetch(`${probeUrl(process)}/readyz`);
  return { status: response.status, body: (await response.json()) as ReadinessForm };
}

export async function healthz(process: IvoryProcess): Promise<number> {
  const response = await fetch(`${probeUrl(process)}/healthz`);
  await response.text();
  return response.status;
}

/** Asks until the answer is as wanted; names the last one when it never is. */
export async function untilReadyz(
  process: IvoryProcess,
  what: string,
  isWanted: (probe: Probe) => boolean,
): Promise<Probe> {
  let last: Probe | null = null;
  const ask = async () => {
    last = await readyz(process);
    return isWanted(last) ? last : null;
  };
  return until(`${process.name}: ${what}`, ask, 30_000).catch((error: unknown) => {
    throw new Error(`${JSON.stringify(last)}\n${process.log()}`, { cause: error });
  });
}

export const isReady = ({ status, body }: Probe) => status === 200 && body.status === 'ready';

/** Not ready, and for this. */
export const isWithout = (name: string) => (probe: Probe) =>
  probe.status === 503 && probe.body.dependencies[name]?.status === 'down';
