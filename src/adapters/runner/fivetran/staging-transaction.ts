import { z } from 'zod';
import type { Pool } from '../../../db/client.ts';
import { AppError, InvalidError, UnavailableError } from '../../../errors.ts';
import type { CommitGuard } from '../../../ports/runner.ts';

export type Query = <Row extends object>(text: string, parameters?: unknown[]) => Promise<Row[]>;

export interface StagingAccess {
  pool: Pool;
  /** The name of the run's staging connections. */
  session: string;
  guardCommit: CommitGuard;
}

/** Fivetran may be writing the same table: others must not wait behind a run that waits for it. */
const LOCK_TIMEOUT_MS = 15_000;

/**
 * One transaction on the staging schema that holds the run's row: a worker that was taken over writes nothing.
 * Throws LostLeaseError; UnavailableError `fivetran.staging_busy`; InvalidError `fivetran.staging_denied`; what the database says.
 */
export async function stagingTransaction<T>(
  { pool, session, guardCommit }: StagingAccess,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const query: Query = async (text, parameters) => (await client.query(text, parameters)).rows;
  try {
    await query('begin');
    await query(`select set_config('application_name', $1, true), set_config('lock_timeout', $2, true)`, [
      session,
      `${LOCK_TIMEOUT_MS}ms`,
    ]);
    await guardCommit(query);
    const done = await work(query);
    await query('commit');
    return done;
  } catch (error) {
    await client.query('rollback').catch((cause: unknown) => {
      broken = new Error('the connection is gone', { cause });
    });
    throw stagingError(error);
  } finally {
    client.release(broken);
  }
}

/** Lock timeout, deadlock, serialization, a table just replaced, "tuple concurrently updated". */
const BUSY = new Set(['55P03', '40P01', '40001', '42P01', 'XX000']);
const DatabaseError = z.object({ code: z.string(), message: z.string() });

function stagingError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = DatabaseError.safeParse(error).data?.code ?? '';
  if (code === '42501')
    return new InvalidError(
      'fivetran.staging_denied',
      "Ivory may not change Fivetran's tables in the staging schema: make its database role a member of the role Fivetran writes with.",
      { cause: error },
    );
  if (!BUSY.has(code)) return error;
  return new UnavailableError(
    'fivetran.staging_busy',
    "Fivetran holds the staging tables; the run's rows are taken later.",
    { cause: error },
  );
}
