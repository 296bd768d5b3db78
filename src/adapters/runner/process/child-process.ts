import { Readable } from 'node:stream';
import type { AppError } from '../../../errors.ts';
import type { Child, ChildSpec } from './child.ts';
import { launchChild } from './launch-child.ts';
import { createOrphanGuard } from './orphan-guard.ts';
import { createProcessTable } from './process-table.ts';
import { NO_LIMITS, NOTHING_KNOWN } from './usage.ts';

export type { Child, ChildSpec } from './child.ts';

/** Starts a program of our own, such as an installer: without limits and without a sandbox. What a tenant's config reaches is started by a ProcessHost. */
export function startChild(spec: ChildSpec): Child {
  const child = launchChild(
    spec,
    { table: createProcessTable(), guard: createOrphanGuard() },
    { prefix: [], sandboxed: false },
  );
  const exited = child.exited.then((ending) => ({
    ...ending,
    usage: NOTHING_KNOWN,
    limits: NO_LIMITS,
    passed: null,
    sandboxed: false,
  }));
  exited.catch(() => {});
  return { stdout: child.stdout, exited, kill: child.kill, usage: () => NOTHING_KNOWN };
}

/** A child that was never started. */
export function refusedChild(error: AppError): Child {
  const exited = Promise.reject(error);
  exited.catch(() => {});
  return { stdout: Readable.from([]), exited, kill: async () => {}, usage: () => NOTHING_KNOWN };
}
